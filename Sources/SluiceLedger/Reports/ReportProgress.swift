/// Is told how far a report is that takes long: how many of its parts are done.
public typealias ReportProgress = @Sendable (_ done: Int, _ parts: Int) -> Void
