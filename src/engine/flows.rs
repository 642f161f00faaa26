//! Crossings by people who are counted, but not followed one by one: commuters, traders, residents in flight.

use crate::scenario::world::{Day, Flow};

/// Persons of `flow` who go back on `day`: the return share of those who came, after an exponential stay of mean
/// `stay_days`. Whole persons: what has gone back by a day is rounded down.
pub fn returning(flow: &Flow, day: Day) -> u32 {
    let by = |day: usize| -> f64 {
        let stay = flow.stay_days.max(1.0);
        let came = flow.per_day.iter().take(day).enumerate();
        came.map(|(d, out)| f64::from(*out) * -libm::expm1(-((day - d) as f64) / stay)).sum::<f64>() * flow.return_share
    };
    let day = usize::from(day);
    by(day) as u32 - if day > 0 { by(day - 1) as u32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_share_goes_back_in_the_end() {
        let mut per_day = vec![100; 10];
        per_day.resize(400, 0);
        let flow =
            Flow { id: "f".into(), link: 0, nationality: "X".into(), per_day, return_share: 0.6, stay_days: 4.0 };
        let back: u32 = (0..400).map(|day| returning(&flow, day)).sum();
        assert!((599..=600).contains(&back), "{back}");
    }
}
