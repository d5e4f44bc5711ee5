// SPDX-License-Identifier: Apache-2.0

/// One step on the way to an account's storage, such as resolving a name or signing in.
package struct ReachStep: Sendable {
    /// What the step is.
    package let name: ConnectionStep.Name

    /// Takes the step for real; gives what is worth telling.
    package let run: @Sendable () async throws(TransferError) -> ConnectionStep.Finding?

    /// Describes a step.
    ///
    /// - Parameters:
    ///   - name: What the step is.
    ///   - run: Takes it.
    package init(
        _ name: ConnectionStep.Name,
        run: @escaping @Sendable () async throws(TransferError) -> ConnectionStep.Finding?
    ) {
        self.name = name
        self.run = run
    }
}
