//! Currencies: codes that Xero has, each once.

use super::Draft;
use crate::simulator::books::resource::CURRENCIES;

/// The codes of Xero's specification, <https://github.com/XeroAPI/Xero-OpenAPI>.
const CODES: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD \
    CDF CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK \
    LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK \
    NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SKK SLE SLL SOS SRD \
    STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VEF VES VND VUV WST XAF XCD XOF \
    XPF YER ZAR ZMK ZMW ZWD";

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    let Some(code) = draft.text("Code") else { return };
    if !CODES.split(' ').any(|own| own == code) {
        draft.refuse(format!("The currency code '{code}' is not valid."));
    } else if draft.before.is_none() && draft.company.store.named(&CURRENCIES, &code).is_some() {
        draft.refuse(format!("Organisation is already subscribed to currency {code}"));
    }
    draft.default("Description", code);
}
