// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Problems
import Storage
import Terminal
import Web

/// `/v1/receipts`: what became of every line, and what was onboarded by data source and day.
struct ReceiptRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
        group.get("status") { request, _ in try await status(request) }
        group.get(":receipt") { _, visit in try await show(visit) }
        group.get(":receipt/rejected") { request, visit in try await rejected(request, visit) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<ReceiptBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let filter = try ReceiptStore.Filter(query)
        let receipts = try await service.looking { try ReceiptStore().list(page, filter, in: $0) }
        return Answer(receipts.map(ReceiptBody.init))
    }

    private func show(_ visit: Visit) async throws -> Answer<ReceiptBody> {
        let id = visit.parameters.get("receipt") ?? ""
        return Answer(ReceiptBody(try await service.looking { try ReceiptStore().find(id, in: $0) }))
    }

    private func rejected(_ request: Request, _ visit: Visit) async throws
        -> Answer<Listing<RejectedLineBody>>
    {
        let query = Query(request)
        let page = try PageRequest(query)
        let withText = try query.flag("includeText")
        if withText, visit.token?.readsRejectedLines != true {
            throw Problem(
                .tokenWithoutLines,
                "The token \(visit.token?.id ?? "") may not read the texts of rejected lines."
            )
        }
        let id = visit.parameters.get("receipt") ?? ""
        let service = service
        let lines = try await BlockingWork.read { try Self.lines(of: id, page, service) }
        return Answer(lines.map { RejectedLineBody($0, withText: withText) }, isPersonal: withText)
    }

    private func status(_ request: Request) async throws -> Answer<[OnboardingStatusBody]> {
        let query = Query(request)
        let days = try query.number("days", in: OnboardingStatus.dayRange) ?? OnboardingStatus.defaultDays
        let dataSource = try query.number("dataSourceId", in: 0...Int(Int32.max))
        let now = service.world.milliseconds
        let rows = try await service.looking { database in
            try OnboardingStatus(days: days, before: now, in: database).rows
        }
        return Answer(
            rows.filter { dataSource == nil || $0.dataSource == dataSource }.map(OnboardingStatusBody.init)
        )
    }

    private static func lines(of id: String, _ page: PageRequest, _ service: PeopleService) throws
        -> Listing<RejectedLine>
    {
        let list = try RejectedLineList(of: id, service)
        let limit = page.page == nil ? PageRequest.largestPage : page.pageSize
        let part = try list.path.map { path in
            try list.reader.part(path, after: (page.page ?? 0) * page.pageSize, limit: limit)
        }
        let lines = part?.lines ?? []
        return page.page == nil ? Listing(lines) : Listing(lines, page, total: part?.total ?? 0)
    }
}
