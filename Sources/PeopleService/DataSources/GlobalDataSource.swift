// SPDX-License-Identifier: Apache-2.0

/// A data source that every installation has, with the number that all the world knows.
///
/// Numbers and forms: Audience Manager, "index of IDs" and "global data sources".
struct GlobalDataSource {
    let number: DataSourceNumber
    let name: String
    let integrationCode: String?
    let idType: DataSource.IDType
    let idSpelling: IDSpelling

    static let all = [
        GlobalDataSource(0, "Audience Manager device ID (UUID)", .cookie, .visitorID),
        GlobalDataSource(DataSource.visitorIDs, "Experience Cloud ID", .cookie, .visitorID),
        GlobalDataSource(20914, "Google advertising ID (Android)", .device, .lowerCaseUUID),
        GlobalDataSource(20915, "Apple advertising ID (iOS)", .device, .upperCaseUUID),
        GlobalDataSource(121963, "Roku advertising ID", .device, .lowerCaseUUID),
        GlobalDataSource(389146, "Microsoft advertising ID (Windows 10)", .device, .alphanumeric),
        GlobalDataSource(488258, "Amazon Fire TV advertising ID", .device, .lowerCaseUUID),
        GlobalDataSource(963906, "Samsung advertising ID (TIFA)", .device, .alphanumeric),
        GlobalDataSource(1_171_485, "LG advertising ID (LGUDID)", .device, .lowerCaseUUID),
        GlobalDataSource(1_171_489, "Vizio advertising ID", .device, .alphanumeric),
    ]

    private init(
        _ number: DataSourceNumber,
        _ name: String,
        _ idType: DataSource.IDType,
        _ idSpelling: IDSpelling
    ) {
        self.number = number
        self.name = name
        self.idType = idType
        self.idSpelling = idSpelling
        integrationCode = idType == .device ? "DSID_\(number)" : nil
    }
}
