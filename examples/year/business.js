// A year of a small business in Australia, from July 2025 to June 2026. README.md has what it adds up to.

const MONTHS = "2025-07 2025-08 2025-09 2025-10 2025-11 2025-12 2026-01 2026-02 2026-03 2026-04 2026-05 2026-06".split(" ");

/**
 * Lives through the year. `put` sends one record to a list, and returns it as it was written.
 * @param {(path: string, record: object) => Promise<Record<string, string>>} put
 */
export async function live(put) {
  /** @type {(account: string | undefined, amount: number, tax: string) => object[]} */
  const lines = (account, amount, tax) => [
    { Description: "As agreed", Quantity: 1, UnitAmount: amount, AccountCode: account, TaxType: tax },
  ];
  /** @type {(kind: string, contact: string, date: string, account: string, amount: number) => Promise<Record<string, string>>} */
  const invoice = (kind, contact, date, account, amount) =>
    put("/Invoices", {
      Type: kind,
      Status: "AUTHORISED",
      Contact: { Name: contact },
      Date: date,
      DueDate: date,
      LineItems: lines(account, amount, kind === "ACCREC" ? "OUTPUT" : "INPUT"),
    });
  /** @type {(kind: string, contact: string, date: string, account: string | undefined, amount: number, tax?: string) => Promise<Record<string, string>>} */
  const bank = (kind, contact, date, account, amount, tax = "NONE") =>
    put("/BankTransactions", {
      Type: kind,
      Contact: { Name: contact },
      BankAccount: { Code: "090" },
      Date: date,
      LineItems: lines(account, amount, tax),
    });
  /** @type {(paid: Record<string, string>, date: string, amount: number) => Promise<unknown>} */
  const pay = ({ InvoiceID }, date, amount) =>
    put("/Payments", { Invoice: { InvoiceID }, Account: { Code: "090" }, Date: date, Amount: amount });
  /** @type {(path: string, to: Record<string, string>, date: string, amount: number) => Promise<unknown>} */
  const allocate = (path, { InvoiceID }, date, amount) =>
    put(`${path}/Allocations`, { Invoice: { InvoiceID }, Date: date, Amount: amount });

  await bank("RECEIVE", "The owner", "2025-07-01", "970", 10_000);
  for (const month of MONTHS) {
    const rent = await invoice("ACCPAY", "Landlord", `${month}-01`, "469", 500);
    const sale = await invoice("ACCREC", "Customer", `${month}-05`, "200", 2_000);
    await pay(rent, `${month}-15`, 550);
    let open = 2_200;
    if (month === "2025-10") {
      const note = await put("/CreditNotes", {
        Type: "ACCRECCREDIT",
        Status: "AUTHORISED",
        Contact: { Name: "Customer" },
        Date: "2025-10-10",
        LineItems: lines("200", 200, "OUTPUT"),
      });
      await allocate(`/CreditNotes/${note.CreditNoteID}`, sale, "2025-10-11", 220);
      open -= 220;
    }
    if (month === "2026-03") {
      const paid = await bank("RECEIVE-OVERPAYMENT", "Customer", "2026-02-20", undefined, 100);
      await allocate(`/Overpayments/${paid.OverpaymentID}`, sale, "2026-03-06", 100);
      open -= 100;
      const [from, to] = [{ Code: "090" }, { Code: "091" }];
      await put("/BankTransfers", { FromBankAccount: from, ToBankAccount: to, Amount: 4_000, Date: "2026-03-25" });
    }
    if (month !== "2026-06") await pay(sale, `${month}-20`, open);
    await bank("SPEND", "The bank", `${month}-28`, "404", 10);
  }
  const machine = await invoice("ACCPAY", "Machines", "2025-12-10", "710", 3_000);
  await pay(machine, "2026-01-10", 3_300);
  const advance = await bank("RECEIVE-PREPAYMENT", "Project", "2026-04-10", "200", 1_000, "OUTPUT");
  const project = await invoice("ACCREC", "Project", "2026-05-10", "200", 1_500);
  await allocate(`/Prepayments/${advance.PrepaymentID}`, project, "2026-05-10", 1_100);
  await pay(project, "2026-05-25", 550);
  const wear = [
    { AccountCode: "416", LineAmount: 600 },
    { AccountCode: "710", LineAmount: -600 },
  ];
  const journal = { Narration: "Depreciation", Date: "2026-06-30", Status: "POSTED", JournalLines: wear };
  await put("/ManualJournals", journal);
}
