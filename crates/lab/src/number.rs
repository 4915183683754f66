//! Numbers in tables for people.

/// Returns three significant digits, without an exponent where that is short.
pub(crate) fn number(x: f64) -> String {
    let x = if x.abs() < 1e-12 { 0.0 } else { x };
    let digits = if x == 0.0 { 0 } else { (2 - x.abs().log10().floor() as i64).clamp(0, 6) };
    if x.abs() >= 1e6 || (x != 0.0 && x.abs() < 1e-4) {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.*}", digits as usize);
    let trimmed = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    trimmed.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> =
            [0.0, 1.0, -0.5, 0.98889, 12345.6, 1e-7, 2e9, 0.001_23].map(number).into();
        assert_eq!(
            shown,
            ["0", "1", "\u{2212}0.5", "0.989", "12346", "1.00e-7", "2.00e9", "0.00123"]
        );
    }
}
