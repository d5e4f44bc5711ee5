// SPDX-License-Identifier: Apache-2.0

import Problems

extension ProblemKind {
    /// All kinds of the People service that a person can meet, for the documentation.
    package static let people: [ProblemKind] = [
        .audienceTaken, .deletionWaiting, .destinationInUse, .destinationFailed, .destinationRefused,
        .destinationUnknown,
        .filesWithdrawn, .folderInUse,
        .folderRefused, .folderTaken, .folderUnknown, .idRefused, .inboundFileRefused, .mappingTaken,
        .mergeRuleInUse, .mergeRuleRefused, .mergeRuleUnknown, .nothingToTell, .optedOut,
        .organizationDiffers,
        .outboundBlocked,
        .outboundTemplateRefused, .peopleDataSourceInUse, .peopleDataSourceRefused, .peopleDataSourceTaken,
        .peopleDataSourceUnknown, .peopleFull, .peopleLinesUnaccounted, .peopleReceiptUnknown,
        .peopleSegmentRefused, .peopleSegmentUnknown, .restrictionForbids, .ruleRefused, .traitInUse,
        .traitRefused, .traitUnknown,
    ]
}
