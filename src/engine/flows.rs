//! Crossings by people who are counted, but not followed one by one: commuters, traders, residents in flight.

use crate::scenario::world::{Day, Flow};

/// Those of one flow who are out, day by day: the return share of those who came goes back, after an exponential stay of mean
/// `stay_days`. Whole persons: what has gone back by a day is rounded down.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visitors {
    /// All who have come so far.
    came: f64,
    /// Of these, those who would still be there if all were to go back.
    staying: f64,
    /// Persons who have gone back so far.
    back: u32,
}

impl Visitors {
    /// Persons of `flow` who come on `day`, and who go back on it. Asked for every day once, in order.
    pub fn cross(&mut self, flow: &Flow, day: Day) -> (u32, u32) {
        self.staying *= libm::exp(-1.0 / flow.stay_days.max(1.0));
        let back = (((self.came - self.staying) * flow.return_share) as u32).max(self.back);
        let today = back - self.back;
        self.back = back;
        let out = flow.per_day.get(usize::from(day)).copied().unwrap_or(0);
        self.came += f64::from(out);
        self.staying += f64::from(out);
        (out, today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_share_goes_back_in_the_end_by_the_exponential_law() {
        let per_day = vec![1000; 10];
        let flow =
            Flow { id: "f".into(), link: 0, nationality: "X".into(), per_day, return_share: 0.6, stay_days: 4.0 };
        let mut visitors = Visitors::default();
        let days: Vec<(u32, u32)> = (0..400).map(|day| visitors.cross(&flow, day)).collect();
        assert_eq!(days.iter().map(|(out, _)| out).sum::<u32>(), 10_000);
        assert!((5_999..=6_000).contains(&days.iter().map(|(_, back)| back).sum::<u32>()));
        // By day 3 those of days 0 to 2 have been there for 3, 2 and 1 days.
        let gone = |stayed: f64| 1.0 - libm::exp(-stayed / 4.0);
        let expected = 600.0 * (gone(3.0) + gone(2.0) + gone(1.0));
        assert_eq!(days[..=3].iter().map(|(_, back)| back).sum::<u32>(), expected as u32);
    }
}
