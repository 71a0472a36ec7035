/// A type of the server by its object id, and the id of arrays of it.
public struct PostgresType: Sendable {
    /// The id in `pg_type`; 0 leaves it to the server to infer.
    public let oid: UInt32
    /// The id of the array type; 0 when there is none.
    public let arrayOID: UInt32

    public init(oid: UInt32, arrayOID: UInt32 = 0) {
        self.oid = oid
        self.arrayOID = arrayOID
    }

    /// The type of arrays of this type.
    public var array: PostgresType { PostgresType(oid: arrayOID) }

    /// Types made by a user (enums, domains, extensions' types) are numbered from here.
    static let firstUserOID: UInt32 = 16384
}

extension PostgresType: Hashable {
    /// Types are the same when their object ids are.
    public static func == (left: PostgresType, right: PostgresType) -> Bool { left.oid == right.oid }

    public func hash(into hasher: inout Hasher) { hasher.combine(oid) }
}

extension PostgresType {
    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    public static let char = PostgresType(oid: 18, arrayOID: 1002)
    public static let name = PostgresType(oid: 19, arrayOID: 1003)
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    public static let oid = PostgresType(oid: 26, arrayOID: 1028)
    public static let json = PostgresType(oid: 114, arrayOID: 199)
    public static let xml = PostgresType(oid: 142, arrayOID: 143)
    public static let float4 = PostgresType(oid: 700, arrayOID: 1021)
    public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
    public static let unknown = PostgresType(oid: 705)
    public static let bpchar = PostgresType(oid: 1042, arrayOID: 1014)
    public static let varchar = PostgresType(oid: 1043, arrayOID: 1015)
    public static let date = PostgresType(oid: 1082, arrayOID: 1182)
    public static let timestamp = PostgresType(oid: 1114, arrayOID: 1115)
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    public static let numeric = PostgresType(oid: 1700, arrayOID: 1231)
    public static let void = PostgresType(oid: 2278)
    public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)
}

extension PostgresType: CustomStringConvertible {
    /// The type's name in SQL where it is one of the above, else `oid N`.
    public var description: String {
        if let name = Self.names[oid] { return name }
        if let element = Self.elements[oid] { return "\(element)[]" }
        return "oid \(oid)"
    }

    private static let known: [(PostgresType, String)] = [
        (.bool, "bool"), (.bytea, "bytea"), (.char, "\"char\""), (.name, "name"), (.int8, "int8"), (.int2, "int2"),
        (.int4, "int4"), (.text, "text"), (.oid, "oid"), (.json, "json"), (.xml, "xml"), (.float4, "float4"),
        (.float8, "float8"), (.unknown, "unknown"), (.bpchar, "bpchar"), (.varchar, "varchar"), (.date, "date"),
        (.timestamp, "timestamp"), (.timestamptz, "timestamptz"), (.numeric, "numeric"), (.void, "void"),
        (.uuid, "uuid"), (.jsonb, "jsonb"),
    ]
    private static let names = Dictionary(uniqueKeysWithValues: known.map { ($0.oid, $1) })
    private static let elements = Dictionary(
        uniqueKeysWithValues: known.filter { $0.0.arrayOID != 0 }.map { ($0.arrayOID, $1) })
}
