// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

extension Destination.Template {
    /// Reads a template from a file.
    ///
    /// - Parameter path: The file: two or three texts, divided by lines of three hyphens.
    /// - Throws: ``Problem`` of kind `people.template-refused`.
    init(file path: String) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Problem(
                .outboundTemplateRefused,
                "The file \(path) can't be read as text.",
                field: "template"
            )
        }
        let parts = text.split(separator: /\n---\n/, omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .newlines) }
        switch parts.count {
        case 2: self.init(fileName: parts[0], header: nil, content: parts[1])
        case 3: self.init(fileName: parts[0], header: parts[1], content: parts[2])
        default:
            throw Problem(
                .outboundTemplateRefused,
                "The file \(path) has \(parts.count) parts; a template has two or three, divided by lines of ---.",
                field: "template"
            )
        }
    }
}

extension Destination.Schedule {
    /// Reads a schedule as commands take it.
    ///
    /// - Throws: ``Problem`` of kind `people.destination-refused`.
    init(option text: String) throws {
        guard let schedule = Self(text: text) else {
            throw Problem(
                .destinationRefused,
                "--schedule takes on-change, on-demand or a time of the day like 14:00.",
                field: "schedule"
            )
        }
        self = schedule
    }
}
