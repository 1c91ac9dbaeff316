//! The data of the demo company: tables, with one row per line or several short ones.

/// The data that depends on the country.
#[derive(Debug)]
pub(super) struct Books {
    /// `CountryCode`.
    pub(super) code: &'static str,
    /// `Version`.
    pub(super) version: &'static str,
    pub(super) country: &'static str,
    pub(super) currency: &'static str,
    pub(super) timezone: &'static str,
    /// Day and month.
    pub(super) year_end: (u8, u8),
    pub(super) tax_number: &'static str,
    /// City, region, postal code.
    pub(super) cities: &'static [City],
    pub(super) dial: &'static str,
    /// Tax types and their rates in hundredths of a percent: first of sales, second of purchases, then the rest.
    pub(super) tax: &'static [(&'static str, i64)],
    /// The names of its payroll APIs in the catalogue start with this.
    pub(super) payroll: &'static str,
}

/// City, region, postal code.
pub(super) type City = (&'static str, &'static str, &'static str);

pub(super) static AUSTRALIA: Books = Books {
    code: "AU", version: "AU", country: "Australia", currency: "AUD", timezone: "AUSEASTERNSTANDARDTIME",
    year_end: (30, 6), tax_number: "11 111 111 138", dial: "61", payroll: "payroll-au",
    cities: &[("Melbourne", "VIC", "3000"), ("Sydney", "NSW", "2000"), ("Brisbane", "QLD", "4000"), ("Hobart", "TAS", "7000")],
    tax: &[("OUTPUT", 1_000), ("INPUT", 1_000), ("EXEMPTOUTPUT", 0), ("EXEMPTEXPENSES", 0), ("BASEXCLUDED", 0), ("NONE", 0)],
};

pub(super) static NEW_ZEALAND: Books = Books {
    code: "NZ", version: "NZ", country: "New Zealand", currency: "NZD", timezone: "NEWZEALANDSTANDARDTIME",
    year_end: (31, 3), tax_number: "101-2-303", dial: "64", payroll: "payroll-nz",
    cities: &[("Wellington", "", "6011"), ("Auckland", "", "1010"), ("Christchurch", "", "8011"), ("Nelson", "", "7010")],
    tax: &[("OUTPUT2", 1_500), ("INPUT2", 1_500), ("ZERORATED", 0), ("NONE", 0)],
};

pub(super) static UNITED_KINGDOM: Books = Books {
    code: "GB", version: "UK", country: "United Kingdom", currency: "GBP", timezone: "GMTSTANDARDTIME",
    year_end: (31, 3), tax_number: "GB 123 4567 89", dial: "44", payroll: "payroll-uk",
    cities: &[("Bristol", "", "BS1 4DJ"), ("Leeds", "", "LS1 1UR"), ("London", "", "SE1 9SG"), ("Edinburgh", "", "EH1 1YZ")],
    tax: &[("OUTPUT2", 2_000), ("INPUT2", 2_000), ("ZERORATEDOUTPUT", 0), ("ZERORATEDINPUT", 0), ("NONE", 0)],
};

pub(super) static UNITED_STATES: Books = Books {
    code: "US", version: "US", country: "United States", currency: "USD", timezone: "PACIFICSTANDARDTIME",
    year_end: (31, 12), tax_number: "12-3456789", dial: "1", payroll: "no payroll API",
    cities: &[("Portland", "OR", "97201"), ("Oakland", "CA", "94607"), ("Denver", "CO", "80202"), ("Austin", "TX", "78701")],
    tax: &[("NONE", 0), ("NONE", 0)],
};

pub(super) static CUSTOMERS: &[&str] = &[
    "Alder & Finch Interiors", "Bayside Boatyard", "Beacon Hill Dental", "Blackwattle Cafe", "Bright Street Nursery",
    "Canal Road Cycles", "Cedar Grove School", "Clearwater Pools", "Copper Kettle Bakery", "Dockside Gallery",
    "Eastgate Physiotherapy", "Fern Valley Winery", "Foundry Lane Studios", "Glasshouse Florists", "Granite Peak Climbing",
    "Harper & Daughters", "Hillcrest Veterinary", "Ironbark Joinery", "Juniper Street Books", "Kestrel Architects",
    "Lantern Theatre", "Larkspur Events", "Longacre Farm Shop", "Maple Court Residents", "Meridian Surveyors",
    "Northlight Photography", "Old Mill Apartments", "Orchard Lane Clinic", "Paper Crane Design", "Quayside Hotel",
    "Redgum Landscaping", "Riverbend Motors", "Saltwater Swim Club", "Silverwood Estate", "Tannery Row Offices",
    "Tidewater Catering", "Union Square Market", "Wattle Park Council", "Westerly Sailing School", "Yarrow Wellness",
];

pub(super) static SUPPLIERS: &[&str] = &[
    "Allied Timber Supply", "Brightline Electrical", "Cobalt Paints", "Corner Office Stationery", "Fleetwise Leasing",
    "Granary Road Storage", "Hollis Freight", "Ledger & Lane Accountants", "Metro Waste Services", "Northern Power Retail",
    "Pinnacle Insurance Brokers", "Signal Telecom", "Stonebridge Property Rentals", "Toolhouse Hire", "Waterline Plumbing",
];

/// First and last names.
pub(super) static PEOPLE: &[(&str, &str)] = &[
    ("Aroha", "Ngata"), ("Ben", "Castellan"), ("Chloe", "Marsh"), ("Daniel", "Okafor"), ("Elena", "Petrova"),
    ("Farid", "Haddad"), ("Grace", "Lindqvist"), ("Hamish", "Doyle"), ("Imogen", "Tran"), ("Jonas", "Weir"),
    ("Kiri", "Tautahi"), ("Leo", "Barnard"), ("Mei", "Huang"), ("Nadia", "Rossi"), ("Owen", "Fitzroy"), ("Priya", "Nair"),
];

/// A product that is sold or bought: description, lowest and highest unit price in whole currency units, account code.
pub(super) type Article = (&'static str, u64, u64, &'static str);

pub(super) static SALES: &[Article] = &[
    ("Fit-out consultation, half day", 380, 620, "200"),
    ("Joinery, hours on site", 85, 120, "200"),
    ("Oak shelving unit", 240, 690, "200"),
    ("Reception counter, made to measure", 1_900, 4_800, "200"),
    ("Meeting table, 12 seats", 1_450, 2_600, "200"),
    ("Acoustic panel, 1200 x 600", 68, 115, "200"),
    ("Delivery and installation", 90, 340, "260"),
    ("Maintenance plan, monthly", 150, 450, "200"),
    ("Design drawings, per room", 210, 480, "200"),
];

pub(super) static PURCHASES: &[Article] = &[
    ("Oak boards, per metre", 18, 42, "310"),
    ("Fixings and fittings", 12, 95, "310"),
    ("Low-odour paint, 10 litres", 95, 160, "310"),
    ("Van lease, monthly", 620, 840, "449"),
    ("Electricity", 180, 460, "445"),
    ("Workshop rent, monthly", 2_400, 2_400, "469"),
    ("Freight", 60, 380, "425"),
    ("Stationery and printing", 25, 140, "461"),
    ("Phone and internet", 89, 210, "489"),
    ("Bookkeeping", 280, 520, "412"),
];

/// Code, name, type, and the system account that it is.
pub(super) type AccountRow = (&'static str, &'static str, &'static str, &'static str);

/// The accounts that are added last, so that the ids of the others stay as they were.
pub(super) static LATE_ACCOUNT_ROWS: &[AccountRow] =
    &[("499", "Realised Currency Gains", "EXPENSE", "REALISEDCURRENCYGAIN")];

/// The accounts.
pub(super) static ACCOUNT_ROWS: &[AccountRow] = &[
    ("090", "Business Bank Account", "BANK", ""), ("091", "Business Savings Account", "BANK", ""),
    ("200", "Sales", "REVENUE", ""), ("260", "Other Revenue", "REVENUE", ""), ("270", "Interest Income", "OTHERINCOME", ""),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", ""), ("400", "Advertising", "EXPENSE", ""), ("404", "Bank Fees", "EXPENSE", ""),
    ("408", "Cleaning", "EXPENSE", ""), ("412", "Consulting and Accounting", "EXPENSE", ""), ("416", "Depreciation", "DEPRECIATN", ""),
    ("420", "Entertainment", "EXPENSE", ""), ("425", "Freight and Courier", "EXPENSE", ""), ("429", "General Expenses", "EXPENSE", ""),
    ("433", "Insurance", "EXPENSE", ""), ("441", "Legal Expenses", "EXPENSE", ""), ("445", "Light, Power, Heating", "EXPENSE", ""),
    ("449", "Motor Vehicle Expenses", "EXPENSE", ""), ("453", "Office Expenses", "EXPENSE", ""),
    ("461", "Printing and Stationery", "EXPENSE", ""), ("469", "Rent", "OVERHEADS", ""), ("473", "Repairs and Maintenance", "EXPENSE", ""),
    ("477", "Wages and Salaries", "EXPENSE", ""), ("485", "Subscriptions", "EXPENSE", ""), ("489", "Telephone and Internet", "EXPENSE", ""),
    ("493", "Travel", "EXPENSE", ""), ("610", "Accounts Receivable", "CURRENT", "DEBTORS"), ("630", "Inventory", "CURRENT", ""),
    ("710", "Office Equipment", "FIXED", ""), ("800", "Accounts Payable", "CURRLIAB", "CREDITORS"), ("820", "Sales Tax", "CURRLIAB", "GST"),
    ("850", "Suspense", "CURRLIAB", ""), ("860", "Rounding", "CURRLIAB", "ROUNDING"), ("900", "Loan", "TERMLIAB", ""),
    ("960", "Retained Earnings", "EQUITY", "RETAINEDEARNINGS"), ("970", "Owner's Share Capital", "EQUITY", ""),
];

/// The overall budget: the codes of accounts, and an amount for each month.
pub(super) static BUDGET_ROWS: &[(&str, u32)] = &[
    ("200", 18_000), ("260", 900), ("310", 2_400), ("412", 300), ("425", 250), ("445", 350), ("449", 700), ("461", 120),
    ("469", 2_400), ("489", 150),
];

/// The currencies of the organisation, its own among them.
pub(super) static CURRENCY_ROWS: &[(&str, &str)] = &[
    ("USD", "United States Dollar"), ("EUR", "Euro"), ("GBP", "British Pound"), ("NZD", "New Zealand Dollar"), ("AUD", "Australian Dollar"),
];

/// The items: code, name, price, cost, account of sales. A price of 0 means that it is not sold, a cost of 0 that it is not bought.
pub(super) static ITEM_ROWS: &[(&str, &str, u32, u32, &str)] = &[
    ("CONSULT", "Fit-out consultation, half day", 480, 0, "200"), ("JOINERY", "Joinery, hour on site", 95, 0, "200"),
    ("SHELF-OAK", "Oak shelving unit", 420, 190, "200"), ("TABLE-12", "Meeting table, 12 seats", 1_980, 940, "200"),
    ("PANEL", "Acoustic panel, 1200 x 600", 89, 41, "200"), ("DELIVERY", "Delivery and installation", 160, 0, "260"),
    ("BOARD-OAK", "Oak boards, per metre", 0, 28, "200"),
];
