/// Finds the name that somebody probably meant.
enum Suggestion {
    /// `"; did you mean …?"`, or nothing when no candidate is near.
    static func hint(for word: String, among candidates: [String]) -> String {
        nearest(to: word, among: candidates).map { "; did you mean \($0)?" } ?? ""
    }

    /// The candidate with the fewest edits, at most a third of the word's length.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let limit = max(2, word.count / 3)
        return candidates.map { (name: $0, edits: edits(from: word, to: $0)) }
            .filter { $0.edits <= limit }
            .min { $0.edits < $1.edits }?.name
    }

    /// The Levenshtein distance over UTF-8 bytes.
    static func edits(from first: String, to second: String) -> Int {
        let target = Array(second.utf8)
        var row = Array(0...target.count)
        for (line, byte) in first.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in target.indices {
                let replaced = diagonal + (byte == target[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[target.count]
    }
}
