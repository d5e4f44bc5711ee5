// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Problems
import Storage
import Terminal

extension ProblemKind {
    /// All kinds that a person can meet, for the documentation.
    package static let all: [ProblemKind] = [
        .accountDisabled, .accountInUse, .accountRefused, .accountUnconfigured, .accountUnknown,
        .accountFileTaken, .accountReadOnly, .accountUnreachable,
        .audienceInUse, .audienceOfAddresses, .audienceRefused, .audienceUnknown, .controlFileDisagrees,
        .dataBusy, .dataNotInitialized, .dataNotWritable, .dataSourceBuiltIn, .dataSourceRefused,
        .dataSourceUnknown, .databaseDamaged, .databaseNewer, .databaseUnreadable, .destinationDiffers,
        .diskFull, .fieldRefused, .fieldUnknown, .fileDamaged, .fileEmpty, .fileEncoding,
        .fileNotWritable, .fileOfOtherSource, .fileSuperseded, .fileUnreadable, .filterRefused,
        .hostKeyChanged, .hostKeyUnconfirmed, .hubNotSet, .hubRefused, .hubSegmentUnknown,
        .hubSettingsRefused,
        .hubTokenRefused, .hubUnreachable,
        .importInterrupted, .keyUnsuitable, .linesUnaccounted, .listFailed, .mappingRefused, .indexFull,
        .notShared,
        .profileUnknown, .receiptUnknown, .rejectedGone, .retryRefused, .sampleUnreadable,
        .sealingKeyElsewhere, .sealingKeyExposed, .sealingKeyMalformed, .sealingKeyMissing,
        .secretFileUnreadable,
        .secretRefused, .secretUnreadable,
        .segmentRefused, .segmentTaken, .setIncomplete, .setLeft, .sharedListDamaged, .shrinkRefused,
        .termsOpen,
        .unexpected, .valueUnsuitable, .wrongUsage,
    ]
}
