// One import for users: the words of a decision come with the limiter.
@_exported public import SluiceCore
@_exported public import SluiceJournal
