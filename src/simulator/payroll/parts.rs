//! The kinds of records of the payroll APIs.

use crate::catalogue::Operation;

/// A payroll API by one letter: `a` Australia, `t` Australia's timesheets 2.0, `n` New Zealand, `u` the United Kingdom.
pub(super) type ApiLetter = char;

/// The letter of an API by its name in the catalogue.
pub(super) fn letter(api: &str) -> Option<ApiLetter> {
    match api {
        "payroll-au" => Some('a'),
        "payroll-au-v2" => Some('t'),
        "payroll-nz" => Some('n'),
        "payroll-uk" => Some('u'),
        _ => None,
    }
}

/// A kind of record.
#[derive(Clone, Copy)]
pub(super) struct PayrollPart {
    /// The letters of its APIs.
    apis: &'static str,
    /// The path without ids.
    pub(super) path: &'static str,
    /// The members of answers with its list, and with one record.
    pub(super) list: &'static str,
    pub(super) one: &'static str,
    /// The member with its id; empty if it has none.
    pub(super) id: &'static str,
    /// Its schema in `schemas.txt`.
    pub(super) schema: &'static str,
}

const fn part(apis: &'static str, path: &'static str, names: [&'static str; 3], schema: &'static str) -> PayrollPart {
    let [list, one, id] = names;
    PayrollPart { apis, path, list, one, id, schema }
}

/// Every kind. A kind without a list is one record for each employee.
static PARTS: &[PayrollPart] = &[
    part("a", "Employees", ["Employees", "", "EmployeeID"], "Employee"),
    part("a", "LeaveApplications", ["LeaveApplications", "", "LeaveApplicationID"], "LeaveApplication"),
    part("a", "PayItems/EarningsRates", ["EarningsRates", "", "EarningsRateID"], "EarningsRate"),
    part("a", "PayItems/DeductionTypes", ["DeductionTypes", "", "DeductionTypeID"], "DeductionType"),
    part("a", "PayItems/LeaveTypes", ["LeaveTypes", "", "LeaveTypeID"], "LeaveType"),
    part("a", "PayItems/ReimbursementTypes", ["ReimbursementTypes", "", "ReimbursementTypeID"], "ReimbursementType"),
    part("a", "PayrollCalendars", ["PayrollCalendars", "", "PayrollCalendarID"], "PayrollCalendar"),
    part("a", "PayRuns", ["PayRuns", "", "PayRunID"], "PayRun"),
    part("a", "Payslip", ["Payslips", "Payslip", "PayslipID"], "PayslipSummary"),
    part("a", "Superfunds", ["SuperFunds", "", "SuperFundID"], "SuperFund"),
    part("a", "Timesheets", ["Timesheets", "Timesheet", "TimesheetID"], "Timesheet"),
    part("nu", "Employees", ["employees", "employee", "employeeID"], "Employee"),
    part("nu", "Employees/Employment", ["", "employment", ""], "Employment"),
    part("nu", "Employees/Tax", ["", "employeeTax", ""], "EmployeeTax"),
    part("nu", "Employees/Leave", ["leave", "leave", "leaveID"], "EmployeeLeave"),
    part("nu", "Employees/LeaveBalances", ["leaveBalances", "", ""], "EmployeeLeaveBalance"),
    part("nu", "Employees/LeaveTypes", ["leaveTypes", "leaveType", ""], "EmployeeLeaveType"),
    part("n", "Employees/LeaveSetup", ["", "leaveSetup", ""], "EmployeeLeaveSetup"),
    part("n", "Employees/OpeningBalances", ["openingBalances", "", ""], "EmployeeOpeningBalance"),
    part("u", "Employees/ukopeningbalances", ["", "openingBalances", ""], "EmployeeOpeningBalances"),
    part("nu", "Employees/PaymentMethods", ["", "paymentMethod", ""], "PaymentMethod"),
    part(
        "nu",
        "Employees/PayTemplates/Earnings",
        ["earningTemplates", "earningTemplate", "payTemplateEarningID"],
        "EarningsTemplate",
    ),
    part("nu", "Employees/SalaryAndWages", ["salaryAndWages", "salaryAndWages", "salaryAndWagesID"], "SalaryAndWage"),
    part(
        "n",
        "Employees/Working-Patterns",
        ["payeeWorkingPatterns", "payeeWorkingPattern", "payeeWorkingPatternID"],
        "EmployeeWorkingPatternWithWorkingWeeksRequest",
    ),
    part("n", "Superannuations", ["benefits", "benefit", "id"], "Benefit"),
    part("u", "Benefits", ["benefits", "benefit", "id"], "Benefit"),
    part("nu", "Deductions", ["deductions", "deduction", "deductionId"], "Deduction"),
    part("n", "StatutoryDeductions", ["statutoryDeductions", "statutoryDeduction", "id"], "StatutoryDeduction"),
    part("u", "EarningsOrders", ["statutoryDeductions", "statutoryDeduction", "id"], "EarningsOrder"),
    part("nu", "EarningsRates", ["earningsRates", "earningsRate", "earningsRateID"], "EarningsRate"),
    part("nu", "LeaveTypes", ["leaveTypes", "leaveType", "leaveTypeID"], "LeaveType"),
    part("nu", "Reimbursements", ["reimbursements", "reimbursement", "reimbursementID"], "Reimbursement"),
    part("nu", "PayRunCalendars", ["payRunCalendars", "payRunCalendar", "payrollCalendarID"], "PayRunCalendar"),
    part("nu", "PayRuns", ["payRuns", "payRun", "payRunID"], "PayRun"),
    part("nu", "PaySlips", ["paySlips", "paySlip", "paySlipID"], "PaySlip"),
    part("u", "StatutoryLeaves/Sick", ["", "statutorySickLeave", "statutoryLeaveID"], "EmployeeStatutorySickLeave"),
    part("tnu", "Timesheets", ["timesheets", "timesheet", "timesheetID"], "Timesheet"),
];

/// The kind with this path; in any case, because the specifications write some paths in two ways.
pub(super) fn at(api: ApiLetter, path: &str) -> Option<&'static PayrollPart> {
    PARTS.iter().find(|part| part.apis.contains(api) && part.path.eq_ignore_ascii_case(path))
}

/// The path of an operation without ids, such as `Employees/Leave`, and whether it ends with an id.
pub(super) fn path_of(operation: &Operation) -> (String, bool) {
    let segments = || operation.path().split('/').skip(1);
    let named: Vec<&str> = segments().filter(|segment| !segment.starts_with('{')).collect();
    (named.join("/"), segments().last().is_some_and(|segment| segment.starts_with('{')))
}
