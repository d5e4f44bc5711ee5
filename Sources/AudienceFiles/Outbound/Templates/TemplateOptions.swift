// SPDX-License-Identifier: Apache-2.0

/// The options of a macro: `; separator="," ; format=…`, each a quoted text or the name of a macro for one character.
struct TemplateOptions {
    /// A value and where it starts.
    struct Option {
        var value: [UInt8]
        var position: Int
    }

    private var options: [String: Option] = [:]

    /// The options that follow in a template, up to the end of the macro.
    init(from scanner: inout TemplateScanner, known: Set<String>) throws(TemplateError) {
        scanner.skipBlanks()
        while scanner.take(";") {
            scanner.skipBlanks()
            let nameStart = scanner.position
            let name = scanner.takeName()
            guard known.contains(name) else { throw scanner.error(.unknownOption(name), at: nameStart) }
            guard options[name] == nil else { throw scanner.error(.repeated(name), at: nameStart) }
            scanner.skipBlanks()
            guard scanner.take("=") else { throw scanner.error(.unexpectedCharacter) }
            scanner.skipBlanks()
            let position = scanner.position
            options[name] = Option(value: try Self.takeValue(of: name, from: &scanner), position: position)
            scanner.skipBlanks()
        }
    }

    subscript(name: String) -> Option? { options[name] }

    private static func takeValue(
        of option: String,
        from scanner: inout TemplateScanner
    ) throws(TemplateError) -> [UInt8] {
        if scanner.next == UInt8(ascii: "\"") { return try scanner.takeQuoted() }
        let start = scanner.position
        let name = scanner.takeName()
        guard !name.isEmpty else { throw scanner.error(.unexpectedCharacter) }
        guard case .text(let character)? = TemplateMacro.constant(name), name != "NEW_LINE" else {
            throw scanner.error(.invalidOption(option), at: start)
        }
        return character
    }
}
