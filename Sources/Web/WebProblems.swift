// SPDX-License-Identifier: Apache-2.0

import Problems

extension ProblemKind {
    /// The kinds of problems of the target `Web`.
    package static let web: [ProblemKind] = [
        .addressRefused, .bodyRefused, .bodyTooLarge, .mediaTypeRefused, .methodRefused, .pathUnknown,
        .portTaken, .requestRefused, .tokenReadOnly, .tokenRefused, .tokenSettingRefused, .tokenUnknown,
        .tokenWithoutLines, .webRefused,
    ]

    package static let requestRefused = ProblemKind(
        "web.request-refused",
        status: 400,
        meaning: "A parameter in the address of a request can't be used.",
        advice: "Change the named parameter; docs/api/people.yaml describes them."
    )
    package static let bodyRefused = ProblemKind(
        "web.body-refused",
        status: 400,
        meaning: "The body of a request isn't JSON, or a field of it is missing or has another type.",
        advice: "Change the named field; docs/api/people.yaml describes them."
    )
    package static let bodyTooLarge = ProblemKind(
        "web.body-too-large",
        status: 413,
        meaning: "The body of a request is larger than 1 MiB.",
        advice: "Send less at a time."
    )
    package static let mediaTypeRefused = ProblemKind(
        "web.media-type-refused",
        status: 415,
        meaning: "The body of a request says that it is something else than JSON.",
        advice: "Send JSON with the header `Content-Type: application/json`."
    )
    package static let pathUnknown = ProblemKind(
        "web.path-unknown",
        status: 404,
        meaning: "There is nothing at the path of a request.",
        advice: "docs/api/people.yaml lists the paths."
    )
    package static let methodRefused = ProblemKind(
        "web.method-refused",
        status: 405,
        meaning: "What is at the path of a request doesn't know its method.",
        advice: "Use one of the methods that the header `Allow` names."
    )
    package static let webRefused = ProblemKind(
        "web.refused",
        status: 400,
        meaning: "A request is no proper HTTP.",
        advice: "Look at the client that made it."
    )
    package static let tokenRefused = ProblemKind(
        "web.token-refused",
        status: 401,
        meaning: "A request came without a token, or its token is unknown, revoked or past its time.",
        advice:
            "Make one with `tallystick people tokens create` and send it as `Authorization: Bearer TOKEN`."
    )
    package static let tokenReadOnly = ProblemKind(
        "web.token-read-only",
        status: 403,
        meaning: "The token of a request may read and not change anything.",
        advice: "Use a token that was made without --read-only."
    )
    package static let tokenWithoutLines = ProblemKind(
        "web.token-without-lines",
        status: 403,
        meaning: "The token of a request may not read the texts of rejected lines, which hold IDs of people.",
        advice: "Leave out includeText, or use a token that was made with --rejected-lines."
    )
    package static let tokenUnknown = ProblemKind(
        "web.token-unknown",
        status: 404,
        meaning: "A command names a token that doesn't exist.",
        advice: "Run `tallystick people tokens list` to see the tokens."
    )
    package static let tokenSettingRefused = ProblemKind(
        "web.token-setting-refused",
        status: 400,
        meaning: "The settings of a token can't be used.",
        advice: "Change the named setting."
    )
    package static let addressRefused = ProblemKind(
        "web.address-refused",
        status: 400,
        meaning: "The address to listen on isn't one, or the machine doesn't have it.",
        advice: "Give HOST:PORT, like 127.0.0.1:8081 or [::1]:8081; the port 0 takes any free one."
    )
    package static let portTaken = ProblemKind(
        "web.port-taken",
        status: 409,
        meaning: "Another program listens on the address already.",
        advice: "Stop the other program, or choose another port with --listen."
    )
}
