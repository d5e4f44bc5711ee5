// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Storage
import Terminal

/// A request that was written here, as commands show it.
package struct RequestReport: Encodable, Sendable {
    /// What the test of the exchange uses.
    package struct Test: Codable, Sendable {
        package let dataSource: String
        package let key: String
        package let trait: Int
        package let segment: String
        /// Whether its IDs are encrypted addresses, which become an audience of profiles only by force.
        package let givesAddresses: Bool
        /// Where its IDs are those of browsers: how the other side is made to know them.
        package var visitors: Visitors?
    }

    /// How the People service gets to know the visitor IDs of a test.
    package struct Visitors: Codable, Sendable {
        /// The number of the data source of visitor IDs.
        package let number: Int
        /// The account that files go to.
        package let exportAccount: String
    }

    package let request: String
    package let state: String
    package let organizationName: String
    package let environment: String
    package let fingerprint: String
    package let created: String
    /// Once it is completed: the shared data sources that it set up.
    package let dataSources: [String]
    package let test: Test?
    package let api: String?

    /// Shows a request.
    ///
    /// - Parameters:
    ///   - written: The request.
    ///   - declared: The data source of declared IDs that completing set up, if it is still there.
    ///   - visitor: The built-in data source of visitor IDs.
    init(_ written: WrittenRequest, declared: SharedDataSource?, visitor: SharedDataSource) {
        request = written.request.request
        state = written.state.rawValue
        organizationName = written.request.organizationName
        environment = written.request.environment
        fingerprint = written.request.fingerprint
        created = Moment.text(written.request.created)
        let completion = written.state == .completed ? written.completion : nil
        var sources: [String] = []
        if let completion {
            if written.request.ids.contains(.visitor) { sources.append(SharedDataSource.defaultID.rawValue) }
            if let declared = completion.declared { sources.append(declared) }
        }
        dataSources = sources
        api = completion?.api
        test = completion.flatMap { Self.test($0, declared: declared, visitor: visitor) }
    }

    private static func test(
        _ completion: WrittenRequest.Completion,
        declared: SharedDataSource?,
        visitor: SharedDataSource
    ) -> Test? {
        guard let test = completion.test else { return nil }
        switch test.kind {
        case .declared:
            guard let declared, let key = declared.keyField else { return nil }
            return Test(
                dataSource: declared.id.rawValue,
                key: key.name,
                trait: test.trait,
                segment: test.segment,
                givesAddresses: declared.givesAddresses
            )
        case .visitor:
            guard let number = visitor.number else { return nil }
            return Test(
                dataSource: visitor.id.rawValue,
                key: "externalId",
                trait: test.trait,
                segment: test.segment,
                givesAddresses: false,
                visitors: Visitors(number: number, exportAccount: completion.exportAccount)
            )
        }
    }
}
