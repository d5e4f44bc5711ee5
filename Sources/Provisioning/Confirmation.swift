// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems

/// How a person agrees to a preview.
package enum Confirmation {
    /// Shows a preview on standard error and asks whether to go on, unless that was said before.
    ///
    /// - Parameters:
    ///   - preview: What would be made.
    ///   - isGiven: Whether the person has agreed with an option.
    /// - Throws: ``Problem`` of kind `provisioning.confirmation-missing` where nobody agrees.
    package static func ask(_ preview: String, isGiven: Bool) throws {
        guard !isGiven else { return }
        let missing = Problem(.confirmationMissing, "Nothing was made: nobody confirmed it.")
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { throw missing }
        FileHandle.standardError.write(Data("\(preview)\nGo on? Type yes: ".utf8))
        guard readLine()?.trimmingCharacters(in: .whitespaces).lowercased() == "yes" else { throw missing }
    }
}
