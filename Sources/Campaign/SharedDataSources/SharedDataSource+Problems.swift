// SPDX-License-Identifier: Apache-2.0

import Problems

extension ProblemKind {
    package static let dataSourceUnknown = ProblemKind(
        "data-sources.unknown",
        status: 404,
        meaning: "A command names a shared data source that doesn't exist.",
        advice: "Run `tallystick data-sources list` to see the shared data sources."
    )
    package static let dataSourceRefused = ProblemKind(
        "data-sources.refused",
        status: 422,
        meaning: "The definition of a shared data source contradicts itself or another one.",
        advice: "Correct what is described, and run the command again."
    )
    package static let dataSourceBuiltIn = ProblemKind(
        "data-sources.built-in",
        status: 409,
        meaning:
            "The criteria of the built-in data source can't be edited: renaming it broke sharing elsewhere.",
        advice: "Make a data source of your own with `tallystick data-sources create`."
    )
    package static let termsOpen = ProblemKind(
        "data-sources.terms-open",
        status: 403,
        meaning: "The terms of sharing through a data source have not been accepted.",
        advice: "Read docs/terms.md, then run `tallystick data-sources edit ID --accept-terms`."
    )
    package static let secretRefused = ProblemKind(
        "data-sources.secret-refused",
        status: 422,
        meaning: "A key or IV doesn't have the length its algorithm needs, or isn't hex.",
        advice: "An AES-128, -192 or -256 key is 32, 48 or 64 hex digits; an IV is always 32."
    )
}
