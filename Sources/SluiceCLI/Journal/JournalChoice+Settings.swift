import SluiceJournal

extension ProgramConfiguration.JournalChoice {
    /// What a replica opens its journal with; `nil` when it is off.
    var settings: JournalSettings? {
        guard let durability = JournalSettings.Durability(rawValue: sync.rawValue) else { return nil }
        var settings = JournalSettings(directory: directory)
        settings.durability = durability
        settings.maximumBytes = maximumBytes
        settings.whenFull = whenFull
        settings.replayShare = Double(replayPercent) / 100
        return settings
    }

    /// Runs what opens the journal.
    ///
    /// - Throws: ``CommandError`` naming the setting and the remedies.
    func reportingErrors<Value>(_ open: () throws(JournalError) -> Value) throws(CommandError) -> Value {
        // The parents as for the embedded PostgreSQL, whose account must pass; what cannot be made is reported below.
        if sync != .off { try? Folder.makeWithParents(directory, mode: 0o700) }
        do throws(JournalError) {
            return try open()
        } catch {
            let (directory, sync) = (Setting.journalDirectory.variable, Setting.journalSync.variable)
            throw CommandError(
                .unavailable,
                "\(error): set \(directory) to one, or \(sync)=off to run without a journal, which loses the rows of calls"
                    + " that are let through in an outage")
        }
    }
}
