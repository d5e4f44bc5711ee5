// SPDX-License-Identifier: Apache-2.0

extension LineRenderer {
    /// Adds what only few templates ask for.
    @inline(never)
    func putDetails(
        _ step: LineProgram.Step,
        of line: OutboundLine,
        _ details: (any OutboundLineDetails)?,
        into cursor: inout LineCursor
    ) {
        if case .timedSegments(let form) = step { return putTimed(line, forms[form], into: &cursor) }
        guard let details else { preconditionFailure("the template asks for details") }
        switch step {
        case .visitorID:
            details.visitorID(of: line.person) { cursor.putReserved($0) }
        case .traits(let form):
            putTraits(of: line.person, details, forms[form], into: &cursor)
        case .ids(let separator):
            var isFirst = true
            details.ids(of: line.person, in: values.keyDataSource) { id in
                if !isFirst { cursor.putReserved(separator.bytes(in: UnsafeRawBufferPointer(pool))) }
                isFirst = false
                cursor.putReserved(id)
            }
        case .idPairs(let format):
            putPairs(of: line.person, details, idPairs[format], into: &cursor)
        default: preconditionFailure("all other steps need no details")
        }
    }

    /// Whether a person has a visitor ID.
    @inline(never)
    func hasVisitorID(_ person: Int, _ details: (any OutboundLineDetails)?) -> Bool {
        var isThere = false
        details?.visitorID(of: person) { isThere = !$0.isEmpty }
        return isThere
    }

    private func putTimed(_ line: OutboundLine, _ form: TemplateForm, into cursor: inout LineCursor) {
        for (position, segment) in line.added.enumerated() {
            if position > 0 { cursor.putReserved(form.separator) }
            for piece in form.pieces {
                if piece == .lastRealizationTime, position < line.realizationTimes.count {
                    cursor.reserve(20)
                    cursor.put(decimal: line.realizationTimes[position])
                } else {
                    cursor.putReserved(LineForm.bytes(of: piece, segments[Int(segment)], values))
                }
            }
        }
    }

    private func putTraits(
        of person: Int,
        _ details: any OutboundLineDetails,
        _ form: TemplateForm,
        into cursor: inout LineCursor
    ) {
        var isFirst = true
        details.traits(of: person) { trait in
            if !isFirst { cursor.putReserved(form.separator) }
            isFirst = false
            for piece in form.pieces { cursor.putReserved(LineForm.bytes(of: piece, trait, values)) }
        }
    }

    /// `[["1111","BBBB"],["2222","CCCC"]]`; so many IDs of each data source, the latest first.
    private func putPairs(
        of person: Int,
        _ details: any OutboundLineDetails,
        _ format: LineProgram.IDPairs,
        into cursor: inout LineCursor
    ) {
        cursor.putReserved(Array("[".utf8))
        var isFirst = true
        for dataSource in format.dataSources {
            var count = 0
            details.ids(of: person, in: dataSource) { id in
                count += 1
                guard format.maximumCount == 0 || count <= format.maximumCount else { return }
                cursor.putReserved(Array("\(isFirst ? "" : ",")[\"\(dataSource)\",\"".utf8))
                cursor.putReserved(JSONText.escaped(id))
                cursor.putReserved(Array("\"]".utf8))
                isFirst = false
            }
        }
        cursor.putReserved(Array("]".utf8))
    }
}

extension LineCursor {
    /// Adds bytes and makes room for them.
    fileprivate mutating func putReserved(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        put(bytes)
    }

    fileprivate mutating func putReserved(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { putReserved($0) }
    }
}
