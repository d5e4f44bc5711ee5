// SPDX-License-Identifier: Apache-2.0

import CPCRE2

/// Matches values against regular expressions within limits that even a catastrophic expression keeps.
///
/// Belongs to one thread.
final class PatternMatching {
    /// How many steps of backtracking one value may take.
    static let stepLimit: UInt32 = 20_000

    /// How deep backtracking may be nested for one value.
    static let depthLimit: UInt32 = 20_000

    /// How much memory one value may take, in kibibytes.
    static let heapLimit: UInt32 = 4096

    /// How many values were given up because a limit was reached; they count as not matching.
    private(set) var abandoned = 0

    /// What PCRE2 says of a value that is not UTF-8.
    private static let encodingErrors = PCRE2_ERROR_UTF8_ERR21...PCRE2_ERROR_UTF8_ERR1

    private let context: OpaquePointer
    private let data: OpaquePointer

    init() {
        guard let context = pcre2_match_context_create_8(nil), let data = pcre2_match_data_create_8(1, nil)
        else { preconditionFailure("there is no memory left") }
        pcre2_set_match_limit_8(context, Self.stepLimit)
        pcre2_set_depth_limit_8(context, Self.depthLimit)
        pcre2_set_heap_limit_8(context, Self.heapLimit)
        self.context = context
        self.data = data
    }

    deinit {
        pcre2_match_data_free_8(data)
        pcre2_match_context_free_8(context)
    }

    /// Whether a pattern holds for a whole value; false when a limit was reached.
    func matches(_ value: UnsafeRawBufferPointer, _ pattern: TraitPattern) -> Bool {
        let result = value.withMemoryRebound(to: UInt8.self) { bytes in
            pcre2_match_8(pattern.code.handle, bytes.baseAddress, bytes.count, 0, 0, data, context)
        }
        if result >= 0 { return true }
        let isDecided = result == PCRE2_ERROR_NOMATCH || Self.encodingErrors.contains(result)
        if !isDecided { abandoned += 1 }
        return false
    }
}
