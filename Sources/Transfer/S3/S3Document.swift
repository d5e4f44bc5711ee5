// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML

/// One of the few XML answers of S3: fields of the root, and repeated records such as `Contents`.
struct S3Document {
    /// The root element's name.
    let root: String

    /// The texts of the elements outside of records, inner ones as `Outer/Inner`.
    let fields: [String: String]

    /// The texts of the elements in each `Contents` and `Upload`.
    let records: [[String: String]]

    /// Reads an answer, nothing where it is not XML.
    init?(_ bytes: [UInt8]) {
        let reader = DocumentReader()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = reader
        guard parser.parse(), let root = reader.root else { return nil }
        self.root = root
        fields = reader.fields
        records = reader.records
    }
}

/// Collects what the parser comes by.
private final class DocumentReader: NSObject, XMLParserDelegate {
    private(set) var root: String?
    private(set) var fields: [String: String] = [:]
    private(set) var records: [[String: String]] = []

    private var names: [String] = []
    private var text = ""
    private var record: [String: String]?

    private static let recordNames: Set<String> = ["Contents", "Upload"]

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        if root == nil {
            root = name
        } else if names.isEmpty, DocumentReader.recordNames.contains(name) {
            record = [:]
        } else {
            names.append(name)
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        text += string
    }

    func parser(
        _ parser: XMLParser,
        didEndElement name: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        defer { text = "" }
        if names.isEmpty {
            if let record { records.append(record) }
            record = nil
            return
        }
        let field = names.count == 1 ? names[0] : names.joined(separator: "/")
        names.removeLast()
        if record != nil { record?[field] = text } else { fields[field] = text }
    }
}
