//! Figures with their targets, and their table.

/// The target of a figure, in its unit.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 5]>,
    missed: Vec<String>,
}

impl Table {
    /// A figure with the median and the spread of its samples.
    pub fn add(&mut self, figure: &str, unit: &str, target: Target, values: &[f64]) {
        let (Some(middle), Some(low), Some(high)) =
            (percentile(values, 50.0), percentile(values, 0.0), percentile(values, 100.0))
        else {
            return self.skip(figure, unit, target, "cannot be measured here");
        };
        self.row(
            figure,
            unit,
            target,
            middle,
            &format!("{} to {}, n={}", number(low), number(high), values.len()),
        );
    }

    /// A figure that is a high percentile of many values.
    pub fn add_percentile(
        &mut self,
        figure: &str,
        unit: &str,
        target: Target,
        values: &[f64],
        percent: f64,
    ) {
        match (percentile(values, percent), percentile(values, 100.0)) {
            (Some(value), Some(worst)) => self.row(
                figure,
                unit,
                target,
                value,
                &format!("worst {}, n={}", number(worst), values.len()),
            ),
            _ => self.skip(figure, unit, target, "cannot be measured here"),
        }
    }

    /// A figure that cannot be measured here, with the reason.
    pub fn skip(&mut self, figure: &str, unit: &str, target: Target, reason: &str) {
        self.rows.push([
            format!("{figure}, {unit}"),
            wish(target),
            "-".to_owned(),
            reason.to_owned(),
            String::new(),
        ]);
    }

    fn row(&mut self, figure: &str, unit: &str, target: Target, value: f64, spread: &str) {
        let met = match target {
            Target::AtLeast(least) => value >= least,
            Target::AtMost(most) => value <= most,
        };
        if !met {
            self.missed.push(format!(
                "{figure}: {} {unit} and not {}",
                number(value),
                wish(target)
            ));
        }
        let decision = if met { "met" } else { "MISSED" };
        self.rows.push([
            format!("{figure}, {unit}"),
            wish(target),
            number(value),
            spread.to_owned(),
            decision.to_owned(),
        ]);
        // Printed at once, so that a row is visible before the last one is measured.
        println!("  {figure}: {} {unit} ({spread})", number(value));
    }

    /// One sentence for each figure that misses its target, without a full stop.
    pub fn missed(&self) -> &[String] {
        &self.missed
    }

    /// A Markdown table.
    pub fn render(&self) -> String {
        let head = ["figure", "target", "median", "spread", ""].map(str::to_owned);
        let all = || std::iter::once(&head).chain(&self.rows);
        let widths: [usize; 5] = std::array::from_fn(|column| {
            all().map(|row| row[column].chars().count()).max().unwrap_or(0)
        });
        let mut lines: Vec<String> = all()
            .map(|row| {
                let cells: Vec<String> =
                    row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
                format!("| {} |", cells.join(" | "))
            })
            .collect();
        lines.insert(1, format!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|")));
        format!("\n{}\n", lines.join("\n"))
    }
}

/// The percentile of values, by the nearest rank.
fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

fn wish(target: Target) -> String {
    match target {
        Target::AtLeast(least) => format!("≥ {}", number(least)),
        Target::AtMost(most) => format!("≤ {}", number(most)),
    }
}

/// Formats a value with three significant digits.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middling if middling >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
