// SPDX-License-Identifier: Apache-2.0

import Problems

extension ProblemKind {
    /// All kinds of provisioning that a person can meet, for the documentation.
    package static let provisioning: [ProblemKind] = [
        .answerExpired, .answerForeign, .answerRefused, .answerSpent, .answerUnreadable, .confirmationMissing,
        .provisioningConflict, .provisioningUnknown, .requestRefused, .storageAbsent, .testFailed,
        .testImpossible,
    ]

    package static let requestRefused = ProblemKind(
        "provisioning.request-refused",
        status: 422,
        meaning: "The text of a provisioning request, or a field of it, can't be used.",
        advice: "Ask for the text again, whole and unaltered, or change the named field."
    )
    package static let answerRefused = ProblemKind(
        "provisioning.answer-refused",
        status: 422,
        meaning: "A text is no provisioning answer.",
        advice: "Ask for the text again; it is one line that begins with tallystick-answer-1."
    )
    package static let answerUnreadable = ProblemKind(
        "provisioning.answer-unreadable",
        status: 422,
        meaning: "A provisioning answer can't be opened with the key of its request.",
        advice:
            "Compare the fingerprint of the request on both sides; then have `tallystick provision accept` run again with the unaltered request."
    )
    package static let answerForeign = ProblemKind(
        "provisioning.answer-foreign",
        status: 404,
        meaning: "A provisioning answer belongs to a request that was not written here, or was withdrawn.",
        advice: "Run `tallystick provision requests` to see the requests of this data directory."
    )
    package static let answerExpired = ProblemKind(
        "provisioning.answer-expired",
        status: 410,
        meaning: "A provisioning answer was not used in time.",
        advice: "Have `tallystick provision accept` run again with the same request: it gives a fresh answer."
    )
    package static let answerSpent = ProblemKind(
        "provisioning.answer-spent",
        status: 409,
        meaning: "The one-time code of a provisioning answer was used before, or a later answer replaced it.",
        advice: "Have `tallystick provision accept` run again with the same request: it gives a fresh answer."
    )
    package static let provisioningUnknown = ProblemKind(
        "provisioning.unknown",
        status: 404,
        meaning: "A command names a provisioning request that is not known here.",
        advice: "Run `tallystick provision requests` on the same data directory to see the known ones."
    )
    package static let provisioningConflict = ProblemKind(
        "provisioning.conflict",
        status: 409,
        meaning: "Provisioning would change something that was set up otherwise; nothing was changed.",
        advice: "Do what the message says, or undo what is there first."
    )
    package static let confirmationMissing = ProblemKind(
        "provisioning.confirmation-missing",
        status: 409,
        meaning: "Nobody confirmed what provisioning would make.",
        advice: "Look at the preview (--dry-run), then run the command with --yes."
    )
    package static let storageAbsent = ProblemKind(
        "provisioning.storage-absent",
        status: 409,
        meaning: "A folder that the other side offers as storage is not on this machine.",
        advice:
            "Mount it and name it with --import-folder and --export-folder, or have the request accepted with accounts on an SFTP server or in S3."
    )
    package static let testImpossible = ProblemKind(
        "provisioning.test-impossible",
        status: 409,
        meaning: "The test of the exchange can't begin as things are.",
        advice: "Do what the message says, and run `tallystick provision test` again."
    )
    package static let testFailed = ProblemKind(
        "provisioning.test-failed",
        status: 502,
        meaning:
            "The ten synthetic people of the test did not come back, or the receipts of both sides disagree.",
        advice:
            "Look at the receipts that the test prints; the first hop without a receipt is where they were lost."
    )
}
