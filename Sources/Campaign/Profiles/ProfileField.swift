// SPDX-License-Identifier: Apache-2.0

/// A field of the profile: a standard one, or a custom one whose name starts with `cus`.
///
/// Names, labels and lengths of the standard fields are those of Adobe Campaign's profile resource
/// (`nms:recipient`); postal fields are those of its location.
package struct ProfileField: Sendable, Hashable {
    /// What values a field takes.
    package enum Kind: Sendable, Hashable {
        /// Text of at most so many characters.
        case text(maximum: Int)
        /// An address that ``AddressForm`` accepts as email, at most 128 bytes.
        case email
        /// A phone number in E.164 form, like `+33612345678`.
        case mobilePhone
        /// An IANA time zone, like `Europe/Paris`, or `none`.
        case timeZone
        /// A whole number of 64 bits.
        case integer
        /// A decimal number.
        case number
        /// True or false, empty reads as false.
        case boolean
        /// A day, `YYYY-MM-DD`.
        case date
        /// A moment, ISO 8601, kept in milliseconds UTC.
        case dateTime
        /// One of some names, kept as its number.
        case choice([String])
        /// One of some authorized texts.
        case enumeration([String])
    }

    /// The name in commands, files, filters and the column of the table.
    package let name: String

    /// The name for people.
    package let label: String

    /// What values it takes.
    package let kind: Kind

    /// Whether no two profiles may have the same value.
    package let isUnique: Bool

    /// Whether only Tallystick itself writes it.
    package let isReadOnly: Bool

    package init(
        _ name: String,
        _ label: String,
        _ kind: Kind,
        isUnique: Bool = false,
        isReadOnly: Bool = false
    ) {
        self.name = name
        self.label = label
        self.kind = kind
        self.isUnique = isUnique
        self.isReadOnly = isReadOnly
    }

    /// Whether an administrator added it.
    package var isCustom: Bool { name.hasPrefix("cus") }

    /// Whether its column has a default instead of NULL for an empty value.
    var emptyValue: Int64? {
        switch kind {
        case .boolean where !isCustom, .choice: 0
        default: nil
        }
    }

    /// The type as `profiles fields list` shows it and `profiles fields add --type` takes it.
    package var typeName: String {
        switch kind {
        case .text, .email, .mobilePhone, .timeZone: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .date: "date"
        case .dateTime: "datetime"
        case .choice, .enumeration: "enumeration"
        }
    }

    /// The type in a sentence: `a string`, `an enumeration`.
    var typeNameWithArticle: String {
        let isVowel = typeName.first.map { "aeiou".contains($0) } ?? false
        return "\(isVowel ? "an" : "a") \(typeName)"
    }
}

extension ProfileField {
    /// The standard fields, in the order of exports.
    package static let standard: [ProfileField] = [
        ProfileField("externalId", "External ID", .text(maximum: 100), isUnique: true),
        ProfileField("salutation", "Title", .text(maximum: 20)),
        ProfileField("firstName", "First name", .text(maximum: 30)),
        ProfileField("middleName", "Middle name", .text(maximum: 30)),
        ProfileField("lastName", "Last name", .text(maximum: 50)),
        ProfileField("gender", "Gender", .choice(["unknown", "male", "female"])),
        ProfileField("birthDate", "Birth date", .date),
        ProfileField("email", "Email", .email),
        ProfileField("emailFormat", "Preferred email format", .choice(["unknown", "text", "html"])),
        ProfileField("mobilePhone", "Mobile phone", .mobilePhone),
        ProfileField("phone", "Phone", .text(maximum: 32)),
        ProfileField("fax", "Fax", .text(maximum: 32)),
        ProfileField("address1", "Address line 1", .text(maximum: 100)),
        ProfileField("address2", "Address line 2", .text(maximum: 100)),
        ProfileField("zipCode", "Postal code", .text(maximum: 16)),
        ProfileField("city", "City", .text(maximum: 100)),
        ProfileField("state", "State or province", .text(maximum: 64)),
        ProfileField("country", "Country", .text(maximum: 64)),
        ProfileField("language", "Language", .text(maximum: 35)),
        ProfileField("timeZone", "Time zone", .timeZone),
        ProfileField("blackList", "No longer contact by any channel", .boolean),
        ProfileField("blackListEmail", "No longer contact by email", .boolean),
        ProfileField("blackListMobile", "No longer contact by SMS", .boolean),
        ProfileField("blackListPhone", "No longer contact by phone", .boolean),
        ProfileField("blackListFax", "No longer contact by fax", .boolean),
        ProfileField("blackListPostalMail", "No longer contact by post", .boolean),
        ProfileField("blackListPushnotification", "No longer contact by push", .boolean),
        ProfileField("ccpaOptOut", "Sale of personal data forbidden", .boolean),
        ProfileField("created", "Created", .dateTime, isReadOnly: true),
        ProfileField("lastModified", "Last modified", .dateTime, isReadOnly: true),
    ]
}
