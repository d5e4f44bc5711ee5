// SPDX-License-Identifier: Apache-2.0

import CPCRE2

/// The regular expression of `matchesregex`, in the language of PCRE2.
///
/// It holds for a whole value, as Java's `matches` does, whose expressions Audience Manager refers to ("Using
/// regular expressions in Trait Builder"); write `.*` around a part. Case does not matter, and a value that is not
/// UTF-8 matches nothing. Two patterns are equal if they are written alike.
package struct TraitPattern: Sendable {
    /// The greatest length, in bytes of UTF-8.
    package static let byteLimit = 4096

    /// Why an expression does not compile.
    struct Fault: Error {
        /// The reason, in PCRE2's words, which hold nothing of the expression.
        let reason: String
        /// Where in the expression, in bytes.
        let offset: Int
    }

    /// The expression as it was written.
    package let text: String

    /// The compiled expression.
    let code: Code

    /// Compiles an expression.
    ///
    /// - Parameter text: The expression, within ``byteLimit``.
    /// - Throws: ``Fault`` when it does not compile.
    init(_ text: String) throws(Fault) {
        self.text = text
        code = Code(try Self.compile(Array(text.utf8)))
    }

    // PCRE2 says that a compiled expression is never written to and may be shared by threads.
    /// A compiled expression.
    final class Code: @unchecked Sendable {
        /// PCRE2's handle.
        let handle: OpaquePointer

        fileprivate init(_ handle: OpaquePointer) {
            self.handle = handle
        }

        deinit {
            pcre2_code_free_8(handle)
        }
    }

    private static func compile(_ pattern: [UInt8]) throws(Fault) -> OpaquePointer {
        let options =
            UInt32(PCRE2_UTF) | UInt32(PCRE2_CASELESS) | UInt32(PCRE2_NEVER_BACKSLASH_C)
            | UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED)
        var number: Int32 = 0
        var offset = 0
        if let handle = pcre2_compile_8(pattern, pattern.count, options, &number, &offset, nil) {
            return handle
        }
        var message = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &message, message.count)
        throw Fault(
            reason: String(decoding: message.prefix(max(0, Int(length))), as: UTF8.self),
            offset: min(offset, pattern.count)
        )
    }
}

extension TraitPattern: Hashable {
    package static func == (one: TraitPattern, other: TraitPattern) -> Bool {
        one.text.utf8.elementsEqual(other.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
