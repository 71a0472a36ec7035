public import ArgumentParser
public import SluiceLedger

extension SpendKey: ExpressibleByArgument {}

extension RefusalKey: ExpressibleByArgument {}
