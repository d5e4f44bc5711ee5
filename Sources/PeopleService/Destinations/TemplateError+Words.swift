// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Problems

extension TemplateError {
    /// The error as a problem of a destination, with the place in its template.
    ///
    /// - Parameter destination: The destination; one without a template of its own has the standard one.
    /// - Returns: A problem of kind `people.template-refused`, or of the word for file names where that is the cause.
    func problem(in destination: Destination) -> Problem {
        guard let texts = destination.template else {
            return Problem(
                .destinationRefused,
                "The word for file names can't be used: \(reason).",
                field: "alias"
            )
        }
        let isOfWhole = [.unusableFileName, .unnamedLine, .unseparatedID].contains(problem)
        let place = isOfWhole ? "" : ", \(position(in: text(of: texts)))"
        return Problem(
            .outboundTemplateRefused,
            "The \(Self.name(of: part))\(place): \(reason).",
            advice: advice,
            field: "template"
        )
    }

    /// What is wrong, as a part of a sentence.
    private var reason: String {
        switch problem {
        case .unknownMacro(let name):
            "there is no macro <\(name)>\(nearest(to: name).map { "; the nearest is <\($0)>" } ?? "")"
        case .misplacedMacro(let name): "<\(name)> can't stand here"
        case .unknownOption(let name): "the macro takes no option “\(name)”"
        case .missingOption(let name): "the macro needs the option “\(name)”"
        case .invalidOption(let name): "the value of the option “\(name)” can't be used"
        case .repeated(let name): "“\(name)” stands twice"
        case .unknownAttribute(let name): "the elements of this list have no attribute “\(name)”"
        case .unknownCondition(let name):
            "a condition asks for SEGMENT_LIST or REMOVED_SEGMENT_LIST, not for “\(name)”"
        case .unclosedMacro: "the macro that begins here has no >"
        case .unclosedForm: "the form that begins here has no }"
        case .unclosedQuotation: "the text that begins here has no second quotation mark"
        case .unclosedCondition: "the condition that begins here has no <endif>"
        case .nestedCondition: "a condition can't stand inside another one"
        case .endWithoutCondition: "there is no condition that this <endif> ends"
        case .lineBreak: "the text has to be one line"
        case .unexpectedCharacter: "this character can't stand here, or something is missing before it"
        case .unnamedLine: "it writes lines that do not say which ID of the key data source they are about"
        case .unseparatedID: "nothing separates the ID that a line is about from what stands beside it"
        case .unusableFileName:
            "the names of files have 1 to \(OutboundFileNames.maximumByteCount) bytes, don't begin with a dot, and hold no slash, no “..” and no control character"
        }
    }

    private var advice: String? {
        switch problem {
        case .unknownMacro, .misplacedMacro:
            "In the \(Self.name(of: part)) there may be: \(Self.knownMacros(in: part).joined(separator: ", ")) (docs/formats.md)."
        case .unusableFileName:
            "Change the file name of the template, or the word that <PID_ALIAS> stands for."
        case .unnamedLine:
            """
            Put <DP_UUID> into it, outside of conditions; other IDs may stand beside it. <UUID> and <MCID> name the ID of \
            a line only where the key data source has visitor IDs: links change, and a removal must reach whom the file \
            before brought.
            """
        case .unseparatedID: "Put a character that no ID holds between them, as <TAB>."
        default: nil
        }
    }

    /// The macro that a misspelt one was probably meant to be.
    private func nearest(to name: String) -> String? {
        let distances = Self.knownMacros(in: part)
            .map { (name: $0, distance: Self.distance(Array($0.utf8), Array(name.uppercased().utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, name.utf8.count / 2) ? best.name : nil
    }

    /// How many bytes must be added, taken away or changed to make one text of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (place, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for column in other.indices {
                let change = diagonal + (other[column] == byte ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }

    private func position(in text: String) -> String {
        let before = String(decoding: text.utf8.prefix(byte), as: UTF8.self)
        let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
        let column = "column \((lines.last?.count ?? 0) + 1) (byte \(byte))"
        return lines.count > 1 ? "line \(lines.count), \(column)" : column
    }

    private func text(of texts: Destination.Template) -> String {
        switch part {
        case .fileName: texts.fileName
        case .header: texts.header ?? ""
        case .content: texts.content
        }
    }

    private static func name(of part: Part) -> String {
        switch part {
        case .fileName: "template's file name"
        case .header: "template's header"
        case .content: "template's content"
        }
    }
}
