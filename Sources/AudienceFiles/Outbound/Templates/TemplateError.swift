// SPDX-License-Identifier: Apache-2.0

/// Why a template of outbound files cannot be used.
package struct TemplateError: Error, Sendable, Hashable {
    /// One of the three texts of a template.
    package enum Part: Sendable, Hashable, CaseIterable {
        /// The name of the files.
        case fileName

        /// What stands at the start of each file.
        case header

        /// One line.
        case content
    }

    /// The text that is wrong.
    package let part: Part

    /// The position in the text's UTF-8 bytes, from 0.
    package let byte: Int

    /// What is wrong there.
    package let problem: TemplateProblem

    /// The macros that a text may have, by alphabet.
    package static func knownMacros(in part: Part) -> [String] {
        TemplateMacro.names.filter { TemplateMacro.isAllowed($0, in: part) }
    }

    /// An error made from its parts.
    package init(part: Part, byte: Int, problem: TemplateProblem) {
        self.part = part
        self.byte = byte
        self.problem = problem
    }
}

/// What is wrong at a place of a template.
package enum TemplateProblem: Sendable, Hashable {
    /// No macro is called so.
    case unknownMacro(String)

    /// The macro exists, but not in this text, or not inside the form of a list.
    case misplacedMacro(String)

    /// The macro takes no option of this name.
    case unknownOption(String)

    /// The macro needs this option.
    case missingOption(String)

    /// The option has a value that is not understood.
    case invalidOption(String)

    /// An option, or the number of the part, stands twice.
    case repeated(String)

    /// The elements of the list have no attribute of this name.
    case unknownAttribute(String)

    /// A condition asks for something else than a list of segments.
    case unknownCondition(String)

    /// A macro that starts here has no `>`.
    case unclosedMacro

    /// A form that starts here has no `}`.
    case unclosedForm

    /// A quoted value that starts here has no second quotation mark.
    case unclosedQuotation

    /// A condition that starts here has no `endif`.
    case unclosedCondition

    /// A condition stands inside another one.
    case nestedCondition

    /// There is an `endif` and no condition before it.
    case endWithoutCondition

    /// The text breaks the line; the content is one line.
    case lineBreak

    /// Another character was expected, or this one cannot be written.
    case unexpectedCharacter

    /// What the file name comes to is empty, hidden, too long, or holds a slash, two dots or a control character.
    case unusableFileName

    /// Some line would not say which ID of the key data source it is about.
    case unnamedLine

    /// Nothing tells where the ID begins or ends that a line is about.
    case unseparatedID
}
