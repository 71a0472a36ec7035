package import HTTPTypes

extension HTTPFields {
    /// The same as `self[name]`, which puts its text together anew even where there is one field of that name, as nearly always.
    package func value(of name: HTTPField.Name) -> String? {
        var found: String?
        for field in self where field.name == name {
            guard found == nil else { return self[name] }
            found = field.value
        }
        return found
    }
}
