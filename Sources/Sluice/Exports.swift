// One import for users: the words of a decision come with the limiter.
@_exported public import SluiceCore
@_exported public import SluiceJournal
@_exported public import struct SluicePostgres.PartitionPlan
@_exported public import enum SluicePostgres.PartitionUnit
@_exported public import struct SluicePostgres.RetentionRule
