async function getBankTransaction(bankTransactionId) {
    await xeroClient.authenticate();
    const response = await xeroClient.accountingApi.getBankTransaction(xeroClient.tenantId, // xeroTenantId
    bankTransactionId, // bankTransactionID
    undefined, // unitdp
    getClientHeaders() // options
    );
    return response.body.bankTransactions?.[0];
}

async function getContacts(page, searchTerm) {
    await xeroClient.authenticate();
    const contacts = await xeroClient.accountingApi.getContacts(xeroClient.tenantId, undefined, // ifModifiedSince
    undefined, // where
    undefined, // order
    undefined, // iDs
    page, // page
    undefined, // includeArchived
    true, // summaryOnly
    searchTerm, // searchTerm
    undefined, // pageSize
    getClientHeaders());
    return contacts.body.contacts ?? [];

    };
    const response = await xeroClient.accountingApi.createPayment(xeroClient.tenantId, payment, undefined, // idempotencyKey
    getClientHeaders());
    return response.body.payments?.[0];

    await xeroClient.authenticate();
    // Call the updateTimesheetLine endpoint from the PayrollNZApi
    const updatedLine = await xeroClient.payrollNZApi.updateTimesheetLine(xeroClient.tenantId, timesheetID, timesheetLineID, timesheetLine);
    return updatedLine.body.timesheetLine ?? null;
