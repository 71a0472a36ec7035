import SluiceCore

extension UserID {
    /// - Throws: ``CommandError`` for anything but a UUID.
    init(argument text: String) throws(CommandError) {
        guard let user = UserID(text) else {
            throw CommandError(.usage, "user \"\(text)\" is not a UUID: write it as 8-4-4-4-12 hexadecimal digits")
        }
        self = user
    }
}

extension CallID {
    /// - Throws: ``CommandError`` for anything but a UUID of version 7.
    init(argument text: String) throws(CommandError) {
        guard let id = CallID(text), id.bits.version == 7 else {
            throw CommandError(.usage, "call id \"\(text)\" is not a UUID of version 7: leave it out to get one")
        }
        self = id
    }
}
