/// Money as whole numbers of a billionth of a US dollar, and as people write it.
enum NanoUSD {
    private static let decimals = 9

    /// `2.50` is 2,500,000,000. `nil` for anything but digits with at most nine decimals, and beyond 64 bits.
    static func parse(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : "0"
        guard let whole = parts.first, [whole, fraction].allSatisfy(isDigits), fraction.count <= decimals,
            let amount = Int64(whole),
            let rest = Int64(fraction + String(repeating: "0", count: decimals - fraction.count))
        else { return nil }
        let (scaled, isTooMuch) = amount.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = scaled.addingReportingOverflow(rest)
        return isTooMuch || overflows ? nil : sum
    }

    /// With two decimals or more, as many as it takes.
    static func text(_ amount: Int64) -> String {
        var text = fullText(amount)
        while text.hasSuffix("0"), text.suffix(3).first != "." { text.removeLast() }
        return text
    }

    /// With all nine decimals.
    static func fullText(_ amount: Int64) -> String {
        let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = String(rest)
        let fraction = String(repeating: "0", count: decimals - digits.count) + digits
        return "\(amount < 0 ? "-" : "")\(whole).\(fraction)"
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
