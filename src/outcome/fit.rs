//! How well a run fits a record: scores on plain numbers.
//!
//! A table of camps is a slice with one series for each camp, each with one value for each day. All functions give `None` where
//! the score is not defined (nothing to compare, lengths that differ, division by zero), never a number that is not finite.

/// `value` to 4 decimals, halves to the even digit, as numpy rounds and as Flee's scripts do.
pub fn round4(value: f64) -> f64 {
    (value * 1e4).round_ties_even() / 1e4
}

/// Mean of `values`.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    defined(sum / count)
}

/// `value` if it is finite.
fn defined(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

/// Number of days of two tables of the same shape with at least one camp and one day.
fn days_of<S: AsRef<[f64]>, D: AsRef<[f64]>>(sim: &[S], data: &[D]) -> Option<usize> {
    let days = sim.first()?.as_ref().len();
    let same =
        sim.iter().all(|camp| camp.as_ref().len() == days) && data.iter().all(|camp| camp.as_ref().len() == days);
    (sim.len() == data.len() && same && days > 0).then_some(days)
}

/// Sum over the camps, day by day.
fn totals<S: AsRef<[f64]>>(table: &[S], days: usize) -> Vec<f64> {
    (0..days).map(|day| table.iter().map(|camp| camp.as_ref()[day]).sum()).collect()
}

/// Averaged relative difference, the error by which Flee's authors judge a run (Suleimenova, Bell and Groen 2017,
/// doi:10.1038/s41598-017-13828-9; computed as in Flee's `extract-validation-results.py`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ard {
    /// Mean over days of e(t) = sum over camps c of round4(|sim_c(t) - data_c(t)|) / max(D(t), 1), D being the sum of the data.
    /// 0 is a perfect fit; a person in the wrong camp counts twice. Flee: "Error (normal)".
    pub plain: f64,
    /// The same with sim_c(t) * D(t) / S(t) for sim_c(t), S being the sum of the simulated camps (0 where S is 0), so that only
    /// the distribution over camps counts; 0 to 2. Flee: "Error (rescaled)".
    pub rescaled: f64,
}

/// The [`Ard`] of a run: persons (or agents) in each camp at the end of each day, simulated and recorded.
pub fn flee_ard<S: AsRef<[f64]>, D: AsRef<[f64]>>(sim: &[S], data: &[D]) -> Option<Ard> {
    let days = days_of(sim, data)?;
    let total = totals(data, days);
    let error = |sim: &[Vec<f64>]| mean(daily_errors(sim, data, &total).into_iter());
    let plain: Vec<Vec<f64>> = sim.iter().map(|camp| camp.as_ref().to_vec()).collect();
    Some(Ard { plain: error(&plain)?, rescaled: error(&rescale(sim, data)?)? })
}

/// e(t) of [`Ard::plain`] for each day; `total` is D(t).
fn daily_errors<S: AsRef<[f64]>, D: AsRef<[f64]>>(sim: &[S], data: &[D], total: &[f64]) -> Vec<f64> {
    let error = |(day, total): (usize, &f64)| {
        let camps = sim.iter().zip(data).map(|(sim, data)| round4((sim.as_ref()[day] - data.as_ref()[day]).abs()));
        camps.sum::<f64>() / total.max(1.0)
    };
    total.iter().enumerate().map(error).collect()
}

/// The simulated camps brought to the recorded total of each day: sim_c(t) * D(t) / S(t), 0 where S(t) is 0.
pub fn rescale<S: AsRef<[f64]>, D: AsRef<[f64]>>(sim: &[S], data: &[D]) -> Option<Vec<Vec<f64>>> {
    let days = days_of(sim, data)?;
    let (simulated, recorded) = (totals(sim, days), totals(data, days));
    let value =
        |value: f64, day: usize| if simulated[day] > 0.0 { value * recorded[day] / simulated[day] } else { 0.0 };
    let camp = |camp: &S| (0..days).map(|day| value(camp.as_ref()[day], day)).collect();
    Some(sim.iter().map(camp).collect())
}

/// The forecasts without a model to which Flee's MASE compares a run; `start` is the last day that they know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naive {
    /// The camp keeps its number of day `start`: y(start).
    Flat,
    /// y(start) * t, 0 if the camp is empty on day 7. So it is in Flee's script, although a slope would be y(start) * t / start.
    Sloped,
    /// The camp keeps its share of the recorded total: D(t) * y(start) / D(start).
    Ratio,
}

/// The day that Flee's script asks about for [`Naive::Sloped`], whatever the start.
const SLOPE_DAY: usize = 7;

/// The naive forecast of one camp with the record `camp`, the record of all camps together being `total`.
pub fn naive_forecast(naive: Naive, camp: &[f64], total: &[f64], start: usize) -> Option<Vec<f64>> {
    let (known, known_total) = (*camp.get(start)?, *total.get(start)?);
    let value = |day: usize| match naive {
        Naive::Flat => known,
        Naive::Sloped if camp.get(SLOPE_DAY).is_some_and(|&value| value > 0.0) => known * day as f64,
        Naive::Sloped => 0.0,
        Naive::Ratio => total[day] * known / known_total,
    };
    (camp.len() == total.len()).then(|| (0..camp.len()).map(value).collect())
}

/// Mean absolute scaled error of one camp as Flee computes it: the mean of |y - forecast| over all days, divided by the mean of
/// |y - naive| over the days after `start`, to 4 decimals. Below 1 the forecast is better than the naive one. (Hyndman and
/// Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001, who scale by the one-step naive error instead.)
pub fn mase(forecast: &[f64], actual: &[f64], naive: &[f64], start: usize) -> Option<f64> {
    if forecast.len() != actual.len() || naive.len() != actual.len() {
        return None;
    }
    let distance = |(a, b): (&f64, &f64)| (a - b).abs();
    let error = mean(actual.iter().zip(forecast).map(distance))?;
    let naive_error = mean(actual.iter().zip(naive).skip(start + 1).map(distance))?;
    defined(round4(error / naive_error))
}

/// Flee's MASE of a run, `start` being 7 (MASE7) or 30 (MASE30): [`mase`] of the rescaled simulation of each camp, averaged with
/// each camp's sum of recorded person-days as weight. Camps for which it is not defined (the naive forecast has no error)
/// are left out; in Flee they make the whole score infinite or undefined.
pub fn flee_mase<S: AsRef<[f64]>, D: AsRef<[f64]>>(sim: &[S], data: &[D], naive: Naive, start: usize) -> Option<f64> {
    let days = days_of(sim, data)?;
    let total = totals(data, days);
    let (mut errors, mut weights) = (Vec::new(), Vec::new());
    for (forecast, actual) in rescale(sim, data)?.iter().zip(data) {
        let naive = naive_forecast(naive, actual.as_ref(), &total, start)?;
        if let Some(error) = mase(forecast, actual.as_ref(), &naive, start) {
            errors.push(error);
            weights.push(actual.as_ref().iter().sum());
        }
    }
    weighted_mean(&errors, &weights)
}

/// Plain [`Ard`] over the days after `origin` of the forecast that every camp stays as on day `origin`: what a run has to beat.
pub fn persistence_ard<D: AsRef<[f64]>>(data: &[D], origin: usize) -> Option<f64> {
    let days = days_of(data, data)?;
    if origin + 1 >= days {
        return None;
    }
    let later: Vec<&[f64]> = data.iter().map(|camp| &camp.as_ref()[origin + 1..]).collect();
    let stay: Vec<Vec<f64>> = data.iter().map(|camp| vec![camp.as_ref()[origin]; days - origin - 1]).collect();
    let total = totals(&later, days - origin - 1);
    mean(daily_errors(&stay, &later, &total).into_iter())
}

/// Fair continuous ranked probability score of an ensemble for one observation y, in the unit of y; 0 is best:
/// mean of |x_i - y| - sum over all pairs of |x_i - x_j| / (2 m (m - 1)) for m members (Ferro 2014, doi:10.1002/qj.2270). Fair means
/// that its expectation does not depend on m. It needs two members or more, and can be below 0 for a single observation.
pub fn crps_fair(members: &[f64], observed: f64) -> Option<f64> {
    let count = members.len() as f64;
    if members.len() < 2 {
        return None;
    }
    let distance = mean(members.iter().map(|member| (member - observed).abs()))?;
    let mut sorted = members.to_vec();
    sorted.sort_by(f64::total_cmp);
    // Sum over unordered pairs: the member of rank i is added i times and taken off count - 1 - i times.
    let pairs: f64 = sorted.iter().enumerate().map(|(rank, x)| (2.0 * rank as f64 - (count - 1.0)) * x).sum();
    defined(distance - pairs / (count * (count - 1.0)))
}

/// Quantile `p` (0 to 1) of `values`, linear between order statistics (type 7 of Hyndman and Fan 1996, the default of R and numpy).
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = p.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let below = sorted[rank.floor() as usize];
    let above = sorted[rank.ceil() as usize];
    defined(below + (rank - rank.floor()) * (above - below))
}

/// The central band of an ensemble that holds 90 % of it: its 5 % and 95 % quantiles.
pub fn band90(members: &[f64]) -> Option<(f64, f64)> {
    Some((quantile(members, 0.05)?, quantile(members, 0.95)?))
}

/// Share of records inside their bands, bounds included; 0.9 is what a sound 90 % band has in the long run.
pub fn share_inside(bands: &[(f64, f64)], observed: &[f64]) -> Option<f64> {
    let inside = |(band, value): (&(f64, f64), &f64)| f64::from(u8::from(band.0 <= *value && *value <= band.1));
    if bands.len() == observed.len() { mean(bands.iter().zip(observed).map(inside)) } else { None }
}

/// (simulated - observed) / observed; negative where the simulation is too low.
pub fn relative_error(simulated: f64, observed: f64) -> Option<f64> {
    defined((simulated - observed) / observed)
}

/// Sum of `values` times `weights` over the sum of `weights`.
pub fn weighted_mean(values: &[f64], weights: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    if values.len() == weights.len() { defined(sum / weights.iter().sum::<f64>()) } else { None }
}

/// Absolute relative error of several records together, each weighing by its size:
/// sum of |simulated - observed| / sum of |observed|.
pub fn weighted_relative_error(simulated: &[f64], observed: &[f64]) -> Option<f64> {
    if simulated.len() != observed.len() {
        return None;
    }
    let missed: f64 = simulated.iter().zip(observed).map(|(sim, seen)| (sim - seen).abs()).sum();
    defined(missed / observed.iter().map(|seen| seen.abs()).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Option<f64>, b: f64) {
        assert!(a.is_some_and(|a| (a - b).abs() < 1e-12), "{a:?} is not {b}");
    }

    #[test]
    fn halves_are_rounded_to_the_even_digit() {
        assert_eq!(round4(0.03125), 0.0312);
        assert_eq!(round4(0.09375), 0.0938);
        assert_eq!(round4(1.23456), 1.2346);
    }

    #[test]
    fn ard_counts_a_person_in_the_wrong_camp_twice() {
        // Day 0: |8-10| + |14-10| = 6 of 20. Day 1: |0-30| + |0-10| = 40 of 40.
        let (sim, data) = ([[8.0, 0.0], [14.0, 0.0]], [[10.0, 30.0], [10.0, 10.0]]);
        let ard = flee_ard(&sim, &data).unwrap();
        near(Some(ard.plain), (0.3 + 1.0) / 2.0);
        // Rescaled on day 0: 8 * 20 / 22 = 7.272727 and 12.727273, each off by 2.7273; on day 1 nobody is in camps.
        near(Some(ard.rescaled), (2.0 * 2.7273 / 20.0 + 1.0) / 2.0);
        // All in the wrong camp.
        near(flee_ard(&[[5.0], [0.0]], &[[0.0], [5.0]]).map(|ard| ard.plain), 2.0);
        // Below one person the divisor is 1.
        near(flee_ard(&[[3.0]], &[[0.0]]).map(|ard| ard.plain), 3.0);
        assert_eq!(flee_ard::<[f64; 1], [f64; 1]>(&[], &[]), None);
        assert_eq!(flee_ard(&[vec![1.0]], &[vec![1.0, 2.0]]), None);
    }

    #[test]
    fn mase_compares_all_days_with_the_days_after_the_start() {
        let actual = [0.0, 10.0, 20.0, 40.0];
        let forecast = [1.0, 10.0, 18.0, 41.0];
        let naive = naive_forecast(Naive::Flat, &actual, &actual, 1).unwrap();
        // (1 + 0 + 2 + 1) / 4 over (10 + 30) / 2.
        near(mase(&forecast, &actual, &naive, 1), 0.05);
        assert_eq!(mase(&forecast, &actual, &actual, 1), None, "a perfect naive forecast");
        assert_eq!(mase(&forecast, &actual, &naive, 3), None, "no day after the start");
    }

    #[test]
    fn naive_forecasts_are_those_of_the_script() {
        let camp: Vec<f64> = (0..10).map(f64::from).collect();
        let total = vec![20.0; 10];
        assert_eq!(naive_forecast(Naive::Flat, &camp, &total, 8).unwrap()[9], 8.0);
        assert_eq!(naive_forecast(Naive::Sloped, &camp, &total, 8).unwrap()[9], 72.0);
        assert_eq!(naive_forecast(Naive::Sloped, &[0.0; 10], &total, 8).unwrap()[9], 0.0);
        assert_eq!(naive_forecast(Naive::Ratio, &camp, &camp, 8).unwrap()[9], 9.0);
        assert_eq!(naive_forecast(Naive::Flat, &camp, &total, 10), None);
    }

    #[test]
    fn camps_weigh_by_their_person_days_in_mase() {
        let data = [[10.0, 20.0, 30.0], [5.0, 5.0, 5.0]];
        // The second camp has no naive error and is left out; the totals agree, so nothing is rescaled.
        let sim = [[9.0, 20.0, 30.0], [6.0, 5.0, 5.0]];
        near(flee_mase(&sim, &data, Naive::Flat, 1), round4((1.0 / 3.0) / 10.0));
        let data = [[10.0, 20.0, 30.0], [30.0, 20.0, 10.0]];
        let sim = [[10.0, 20.0, 30.0], [30.0, 20.0, 10.0]];
        near(flee_mase(&sim, &data, Naive::Flat, 1), 0.0);
    }

    #[test]
    fn persistence_keeps_the_last_known_number() {
        // Day 1: |10-20| + |10-10| = 10 of 30; day 2: |10-0| + |10-10| = 10 of 10.
        near(persistence_ard(&[[10.0, 20.0, 0.0], [10.0, 10.0, 10.0]], 0), (1.0 / 3.0 + 1.0) / 2.0);
        assert_eq!(persistence_ard(&[[1.0, 2.0]], 1), None);
    }

    #[test]
    fn crps_of_small_ensembles() {
        // Mean distance (1 + 1) / 2; pairs |1 - 3| * 2 / (2 * 2 * 1) = 1.
        near(crps_fair(&[3.0, 1.0], 2.0), 0.0);
        // Mean distance (4 + 3 + 1) / 3; pair distances 1 + 3 + 2 = 6, twice, over 12.
        near(crps_fair(&[1.0, 4.0, 2.0], 5.0), 8.0 / 3.0 - 1.0);
        near(crps_fair(&[2.0, 2.0], 5.0), 3.0);
        assert_eq!(crps_fair(&[2.0], 5.0), None);
    }

    #[test]
    fn bands_and_coverage() {
        let members: Vec<f64> = (0..=20).map(f64::from).collect();
        assert_eq!(band90(&members), Some((1.0, 19.0)));
        near(quantile(&[1.0, 2.0], 0.25), 1.25);
        near(quantile(&[4.0, 1.0, 3.0, 2.0], 1.0), 4.0);
        assert_eq!(quantile(&[], 0.5), None);
        near(share_inside(&[(0.0, 1.0), (2.0, 3.0), (2.0, 3.0), (0.0, 0.0)], &[1.0, 1.0, 2.5, 0.0]), 0.75);
        assert_eq!(share_inside(&[], &[]), None);
    }

    #[test]
    fn relative_errors_alone_and_together() {
        near(relative_error(80.0, 100.0), -0.2);
        assert_eq!(relative_error(1.0, 0.0), None);
        near(weighted_relative_error(&[8.0, 5.0, 33.0, 1.0], &[10.0, 5.0, 30.0, 0.0]), 6.0 / 45.0);
        assert_eq!(weighted_relative_error(&[1.0], &[0.0]), None);
        near(weighted_mean(&[1.0, 3.0], &[3.0, 1.0]), 1.5);
        assert_eq!(weighted_mean(&[1.0], &[0.0]), None);
    }
}
