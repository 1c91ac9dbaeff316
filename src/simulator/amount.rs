//! Money and quantities as whole numbers, so that sums have no binary rounding errors.

use serde_json::Value;

/// Money in hundredths of the currency unit.
pub(super) type Cents = i64;

/// A quantity or a unit price in ten-thousandths: four decimals, the most that Xero takes.
pub(super) type Fine = i64;

/// `cents` as the number Xero writes.
#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 cents")]
pub(super) fn money(cents: Cents) -> Value {
    (cents as f64 / 100.0).into()
}

/// A quantity or unit price as the number Xero writes.
#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 ten-thousandths")]
pub(super) fn fine(value: Fine) -> Value {
    (value as f64 / 10_000.0).into()
}

/// Reads a JSON number, or a string that holds one, of at most four decimals and less than 100 billion.
pub(super) fn read_fine(value: &Value) -> Option<Fine> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 11 || fraction.len() > 4 || !plain(whole) || !plain(fraction) {
        return None;
    }
    let value: Fine = format!("{whole}{fraction:0<4}").parse().ok()?;
    Some(if negative { value.saturating_neg() } else { value })
}

/// Reads a text that holds a number.
pub(super) fn read_number(text: &str) -> Option<Value> {
    let number: f64 = text.trim().parse().ok()?;
    serde_json::Number::from_f64(number).map(Value::Number)
}

/// Reads money: at most two decimals.
pub(super) fn read_money(value: &Value) -> Option<Cents> {
    let fine = read_fine(value)?;
    (fine.checked_rem(100)? == 0).then_some(())?;
    fine.checked_div(100)
}

/// `quantity` times `unit`, to the cent.
pub(super) fn line_amount(quantity: Fine, unit: Fine) -> Cents {
    scaled(quantity, unit, 1_000_000)
}

/// `value * numerator / denominator`, half away from zero. Saturates.
pub(super) fn scaled(value: i64, numerator: i64, denominator: i64) -> i64 {
    let product = i128::from(value).saturating_mul(i128::from(numerator));
    let half = i128::from(denominator).checked_div(2).unwrap_or(0).saturating_mul(product.signum());
    let quotient = product.saturating_add(half).checked_div(i128::from(denominator)).unwrap_or(0);
    i64::try_from(quotient).unwrap_or(if quotient < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_read_exactly() {
        for (value, fine) in [
            (json!(20), 200_000),
            (json!(20.0), 200_000),
            (json!("20.00"), 200_000),
            (json!(0.1234), 1_234),
            (json!("-1.5"), -15_000),
            (json!(19.99), 199_900),
        ] {
            assert_eq!(read_fine(&value), Some(fine), "{value}");
        }
        for value in [json!(null), json!(""), json!("1,5"), json!(1e30), json!("0.12345"), json!("--1"), json!(".5")] {
            assert_eq!(read_fine(&value), None, "{value}");
        }
        assert_eq!(read_money(&json!("12.34")), Some(1_234));
        assert_eq!(read_money(&json!(0.005)), None);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(line_amount(10_000, 125_050), 1_251);
        assert_eq!(line_amount(-10_000, 125_050), -1_251);
        assert_eq!(line_amount(30_000, 33_333), 1_000);
        assert_eq!(scaled(i64::MAX, i64::MAX, 1), i64::MAX);
        assert_eq!(scaled(1, 1, 0), 0);
    }
}
