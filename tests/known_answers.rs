//! Worlds so simple that the answer is known: the engine must give it.

mod common;

use common::{world, world_under};
use corridor::engine::Run;
use corridor::engine::agents::State;
use corridor::engine::depart::share_left;
use corridor::outcome::Outcome;

const TWO_PLACES: &str = "id,country,kind,lat,lon\nhere,AAA,town,0,0\ngoal,BBB,hub,0,5\n";
const GROUP: &str = "id,aim,home,party_size,documents,info_date,info_width_days,frailty\n";

/// Persons who have left their homes by the end of each day.
fn left(outcome: &Outcome) -> Vec<u32> {
    let mut sum = 0;
    let days = outcome.days.iter();
    days.map(|c| {
        sum += c.left_home.iter().sum::<u32>();
        sum
    })
    .collect()
}

#[test]
fn departures_follow_the_binomial_law() {
    for frailty in [0.0, 4.0] {
        let people = 20_000;
        let groups = format!("{GROUP}G,home,goal,1,1,2029-01-01,1,{frailty}\n");
        let world = world(
            30,
            "[departure]\nbase = 0.05\n",
            &[
                ("locations.csv", TWO_PLACES),
                ("routes.csv", "from,to,mode,km,hours\nhere,goal,road,10,1\n"),
                ("groups.csv", &groups),
                ("populations.csv", "group,place,persons\nG,here,20000\n"),
            ],
        );
        let left = left(&Outcome::of_run(&world, 1, 0, |_| ()));
        for day in [1usize, 5, 29] {
            let p = share_left(0.05 * (day + 1) as f64, frailty);
            let (mean, sd) = (f64::from(people) * p, (f64::from(people) * p * (1.0 - p)).sqrt());
            let z = (f64::from(left[day]) - mean) / sd;
            assert!(z.abs() < 4.5, "frailty {frailty}, day {day}: {} left, {mean:.0} expected, z {z:.1}", left[day]);
        }
    }
}

#[test]
fn journeys_without_limits_take_the_travel_time() {
    // 30 hours of road at 12 hours a day: arrival in the middle of the third day.
    let world = world(
        6,
        "[departure]\nbase = 10\n[travel]\nhours_per_day = 12\n",
        &[
            ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,town,0,0\nmid,AAA,town,0,1\ngoal,BBB,hub,0,5\n"),
            ("routes.csv", "from,to,mode,km,hours\nhere,mid,road,100,10\nmid,goal,road,200,20\n"),
            ("groups.csv", &format!("{GROUP}G,home,goal,1,1,2029-01-01,1,0\n")),
            ("populations.csv", "group,place,persons\nG,here,1000\n"),
        ],
    );
    let outcome = Outcome::of_run(&world, 3, 0, |_| ());
    let arrived: Vec<u32> = outcome.days.iter().map(|c| c.in_state(0, State::Arrived)).collect();
    // With hazard 10 a day nearly everybody (all but 1 in 22,026) leaves on the first day.
    assert_eq!(arrived[1], 0, "nobody can be home on the second day");
    assert!(arrived[2] >= 995, "all who left on the first day are home on the third: {arrived:?}");
}

#[test]
fn a_crossing_serves_its_limit_every_day_until_the_queue_is_gone() {
    let world = world(
        20,
        "[departure]\nbase = 10\n[travel]\nhours_per_day = 24\n[choice]\nnews_days = 1\n",
        &[
            ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,crossing,0,0\ngoal,BBB,hub,0,5\n"),
            ("routes.csv", "from,to,mode,km,hours\nhere,goal,foot,1,1\n"),
            ("groups.csv", &format!("{GROUP}G,home,goal,1,1,2029-01-01,1,0\n")),
            ("populations.csv", "group,place,persons\nG,here,1000\n"),
            ("policies.csv", "rule,from,to,groups,persons_per_day\nthroughput,here,goal,all,100\n"),
        ],
    );
    let outcome = Outcome::of_run(&world, 1, 0, |_| ());
    let granted: Vec<u32> = outcome.days.iter().map(|c| c.granted.iter().sum()).collect();
    assert!(granted[..9].iter().all(|g| *g == 100), "{granted:?}");
    assert_eq!(granted.iter().sum::<u32>(), 1000, "everybody has crossed: {granted:?}");
    assert!(granted[12..].iter().all(|g| *g == 0), "the queue is gone: {granted:?}");
}

#[test]
fn a_wait_told_is_that_of_those_who_want_the_service_shared_between_all_that_they_want() {
    // 100 want red and 1,000 blue, at one place: nobody of the one stands in the way of the other. 10 and 100 are let through a day.
    let groups = format!("{GROUP}R,home,red,1,1,2029-01-01,1,0\nB,home,blue,1,1,2029-01-01,1,0\n");
    let apart = world(
        20,
        "[departure]\nbase = 20\n[travel]\nhours_per_day = 24\n[choice]\nnews_days = 1\nrefuge_abroad_hours = 90000\n",
        &[
            ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,crossing,0,0\nred,BBB,hub,0,5\nblue,CCC,hub,0,-5\n"),
            ("routes.csv", "from,to,mode,km,hours\nhere,red,foot,1,1\nhere,blue,foot,1,1\n"),
            ("groups.csv", &groups),
            ("populations.csv", "group,place,persons\nR,here,100\nB,here,1000\n"),
            (
                "policies.csv",
                "rule,from,to,groups,persons_per_day\nthroughput,here,red,all,10\nthroughput,here,blue,all,100\n",
            ),
        ],
    );
    // 1,000 want either of two lines of seats, 50 a day each.
    let shared = world_under(
        "seats",
        20,
        "[departure]\nbase = 20\n[choice]\nnews_days = 1\n",
        &[
            ("locations.csv", TWO_PLACES),
            ("routes.csv", "from,to,mode,km,hours,access\nhere,goal,air,500,3,service\nhere,goal,sea,500,3,service\n"),
            ("groups.csv", &format!("{GROUP}G,home,goal,1,1,2029-01-01,1,0\n")),
            ("populations.csv", "group,place,persons\nG,here,1000\n"),
            ("strategies/seats.toml", "title = \"Seats\"\nservices = [\"seats.csv\"]\n"),
            (
                "strategies/seats.csv",
                "from,to,mode,start,persons_per_day\nhere,HOME,air,2030-01-01,50\nhere,HOME,sea,2030-01-01,50\n",
            ),
        ],
    );
    // On the fifth morning four days' worth have gone, enough to be news.
    for (name, world) in [("apart", &apart), ("shared", &shared)] {
        let mut run = Run::new(world, 1, 0);
        (0..5).for_each(|_| {
            run.step();
        });
        assert_eq!(run.journeys().offers().wait_days, [5.5, 5.5], "{name}");
    }
}

#[test]
fn whoever_stands_at_the_front_of_a_line_stays_when_another_way_opens() {
    // 800 wait for 40 seats a day, 19.5 days. On day 4 seats and a road of 300 hours open: more hours than are left of the wait at the
    // front of the line, fewer than at its end.
    let world = world_under(
        "seats",
        20,
        "[departure]\nbase = 20\n[travel]\nhours_per_day = 24\n[choice]\nnews_days = 1\nreconsider_days = 1\njourney_power = 12\n",
        &[
            ("locations.csv", TWO_PLACES),
            ("routes.csv", "from,to,mode,km,hours,access\nhere,goal,air,500,3,service\nhere,goal,road,500,300,free\n"),
            ("groups.csv", &format!("{GROUP}G,home,goal,1,1,2029-01-01,1,0\n")),
            ("populations.csv", "group,place,persons\nG,here,800\n"),
            ("policies.csv", "rule,from,to,groups,start,end\nclosed,here,goal,all,2030-01-01,2030-01-04\n"),
            ("strategies/seats.toml", "title = \"Seats\"\nservices = [\"seats.csv\"]\n"),
            ("strategies/seats.csv", "from,to,mode,start,persons_per_day\nhere,HOME,air,2030-01-01,40\n"),
        ],
    );
    let mut run = Run::new(&world, 1, 0);
    let mut waiting = Vec::new();
    while let Some(counts) = run.step() {
        waiting.push(counts.waiting[0]);
    }
    let weight = |hours: f64| (6.0 + hours).powf(-12.0);
    let leaving = |left: f64| 200.0 * weight(300.0) / (weight(300.0) + weight(3.0 + 24.0 * 19.5 * left));
    let leave: f64 = [0.125, 0.375, 0.625, 0.875].map(leaving).iter().sum();
    assert!(leaving(0.125) < 1.0 && leaving(0.875) > 190.0, "the front stays, the end leaves");
    assert_eq!(waiting[3], 800);
    let left = f64::from(800 - 40 - waiting[4]);
    assert!((left - leave).abs() < 30.0, "{left} have left instead of {leave}");
    let served = waiting[4..].windows(2).all(|days| days[0] - days[1] == days[0].min(40));
    assert!(served, "nobody else has reason to leave: {waiting:?}");
}

#[test]
fn a_way_weighs_less_the_less_it_brings_people_nearer() {
    // Straight home in 10 hours, or 4 hours to a place from which it is 8: 2 of the 4 bring people nearer.
    let world = world(
        3,
        "[departure]\nbase = 20\n[travel]\nhours_per_day = 24\n",
        &[
            ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,town,0,0\nside,AAA,town,1,0\ngoal,BBB,hub,0,5\n"),
            (
                "routes.csv",
                "from,to,mode,km,hours\nhere,goal,road,600,10\nhere,side,road,200,4\nside,goal,road,600,8\n",
            ),
            ("groups.csv", &format!("{GROUP}G,home,goal,1,1,2029-01-01,1,0\n")),
            ("populations.csv", "group,place,persons\nG,here,40000\n"),
        ],
    );
    let outcome = Outcome::of_run(&world, 11, 0, |_| ());
    let link = world.links.iter().position(|l| (l.from, l.to) == (0, 1)).expect("a link");
    let aside = f64::from(outcome.days.iter().map(|day| day.entered[link]).sum::<u32>());
    // ((6 + hours) / progress)^-4, the defaults of `choice.journey_offset_hours` and `choice.journey_power`.
    let weights = [16f64.powi(-4), (18f64 / 0.5).powi(-4)];
    let share = weights[1] / (weights[0] + weights[1]);
    let z = (aside - 40_000.0 * share) / (40_000.0 * share * (1.0 - share)).sqrt();
    assert!(z.abs() < 4.5, "{aside} went aside, {:.0} expected, z {z:.1}", 40_000.0 * share);
}

#[test]
fn nobody_passes_a_closed_route_and_those_who_want_to_are_trapped() {
    let world = world(
        30,
        "[departure]\nbase = 0.5\n[risk]\ndetention = 0\ndeath = 0\n",
        &[
            ("locations.csv", TWO_PLACES),
            ("routes.csv", "from,to,mode,km,hours\nhere,goal,road,10,1\n"),
            ("groups.csv", &format!("{GROUP}G,home,goal,1,1,2029-01-01,1,0\n")),
            ("populations.csv", "group,place,persons\nG,here,500\n"),
            ("policies.csv", "rule,from,to,groups,end\nclosed,here,goal,all,2030-01-20\n"),
            ("shocks.csv", "place,kind,start,intensity\nhere,conflict,2030-01-01,0.9\n"),
        ],
    );
    let outcome = Outcome::of_run(&world, 1, 0, |_| ());
    for (day, counts) in outcome.days.iter().enumerate().take(20) {
        assert_eq!(counts.entered.iter().sum::<u32>(), 0, "day {day}");
    }
    let trapped: u32 = outcome.days[19].trapped.iter().sum();
    assert_eq!(trapped, 500, "all are in danger without a way");
    assert_eq!(outcome.days[29].in_state(0, State::Arrived), 500, "the way has opened");
}

#[test]
fn a_closed_camp_of_seats_strands_and_seats_end_it() {
    let files: &[(&str, &str)] = &[
        ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,town,0,0\ncamp,BBB,camp,0,1\ngoal,CCC,hub,0,5\n"),
        ("routes.csv", "from,to,mode,km,hours,access\nhere,camp,road,10,1,free\ncamp,goal,air,500,3,service\n"),
        (
            "groups.csv",
            "id,aim,home,party_size,documents,info_date,info_width_days,frailty\nG,home,goal,1,1,2029-01-01,1,0\n",
        ),
        ("populations.csv", "group,place,persons\nG,here,300\n"),
        ("shocks.csv", "place,kind,start,intensity\nhere,conflict,2030-01-01,0.9\n"),
        ("strategies/none.toml", "title = \"Nothing\"\n"),
        ("strategies/seats.toml", "title = \"Seats\"\nservices = [\"seats.csv\"]\n"),
        ("strategies/seats.csv", "from,to,mode,start,persons_per_day\ncamp,HOME,air,2030-01-11,100\n"),
    ];
    let parameters = "[departure]\nbase = 10\n[risk]\nviolence = 0\ndetention = 0\nexploitation = 0\nrobbery = 0\ndeath = 0\nillness = 0\nway_death = 0\nway_detention = 0\nway_robbery = 0\n";
    let stranded = |strategy: &str| -> Vec<u32> {
        let outcome = Outcome::of_run(&world_under(strategy, 20, parameters, files), 1, 0, |_| ());
        outcome.days.iter().map(|c| c.stranded.iter().sum()).collect()
    };
    let nothing = stranded("none");
    assert_eq!(nothing[..3], [0, 0, 0], "not before three days of waiting");
    assert_eq!(nothing[19], 300, "a tent is no way home: {nothing:?}");
    let seats = stranded("seats");
    assert_eq!(seats[..10], nothing[..10], "the same until the seats come");
    assert_eq!(seats[19], 0, "all have been flown: {seats:?}");
}

#[test]
fn who_looks_around_goes_where_the_way_is_not_barred_to_them() {
    // Two ways out of a; b takes H only. On ways of an hour and of five days, with H about and without.
    for (hours, people) in [
        (1, "G,a,500,displaced\nH,a,500,displaced\n"),
        (60, "G,a,500,displaced\nH,a,500,displaced\n"),
        (1, "G,a,500,displaced\n"),
    ] {
        let routes = format!("from,to,mode,km,hours,two_way\na,b,road,20,{hours},0\na,c,road,40,{hours},0\n");
        let groups = if people.contains('H') { "G,safety,1\nH,safety,1\n" } else { "G,safety,1\n" };
        for rule in ["refuse", "closed"] {
            let world = world(
                20,
                "[choice]\nhorizon = 1\n[travel]\nhours_per_day = 12\nmove_chance_town = 1\n",
                &[
                    ("locations.csv", "id,country,kind,lat,lon\na,AAA,town,0,0\nb,BBB,town,0,0.1\nc,CCC,town,0,0.2\n"),
                    ("routes.csv", &routes),
                    ("groups.csv", &format!("id,aim,party_size\n{groups}")),
                    ("populations.csv", &format!("group,place,persons,state\n{people}")),
                    ("policies.csv", &format!("rule,from,to,groups,start,end\n{rule},a,b,G,2030-01-01,2030-01-20\n")),
                ],
            );
            let outcome = Outcome::of_run(&world, 7, 0, |_| ());
            let last = outcome.days.last().expect("20 days");
            let at = |place: usize, group: usize| last.present[place * last.groups + group];
            assert!(outcome.days.iter().all(|day| day.present[day.groups] == 0), "{rule}, {hours} hours: G is in b");
            assert_eq!(at(2, 0), 500, "{rule}, {hours} hours: G takes the other way");
            if people.contains('H') {
                assert!(at(1, 1) > 200 && at(1, 1) + at(2, 1) == 500, "{rule}, {hours} hours: H takes both");
            }
        }
    }
}

#[test]
fn who_looks_around_and_cannot_pay_looks_again() {
    // The near camp costs 50 USD on the way, the far one nothing; people have 20.
    let waiting = |routes: &str| -> (Vec<u32>, Vec<u32>) {
        let world = world(
            30,
            "[choice]\nhorizon = 1\n[travel]\nmove_chance_town = 1\nmove_chance_camp = 0\n[risk]\nambient = 0\n",
            &[
                ("locations.csv", "id,country,kind,lat,lon\na,AAA,town,0,0\nnear,AAA,camp,0,1\nfar,AAA,camp,0,3\n"),
                ("routes.csv", routes),
                ("groups.csv", "id,aim,party_size,money_usd,money_spread\nG,safety,1,20,1\n"),
                ("populations.csv", "group,place,persons,state\nG,a,1000,displaced\n"),
            ],
        );
        let outcome = Outcome::of_run(&world, 5, 0, |_| ());
        let at = |counts: &corridor::engine::Counts| counts.in_state(0, State::Waiting);
        (outcome.days.iter().map(at).collect(), outcome.days.iter().map(|counts| counts.present_at(2)).collect())
    };
    let (waits, there) = waiting("from,to,mode,km,hours,fee_usd\na,near,road,50,1,50\na,far,road,150,3,0\n");
    // With the default offset of 10 km the near camp weighs 160 / 60 of the far one: 8 in 11 draw it, day after day.
    let share = |day: usize| f64::from(waits[day]) / 1000.0;
    assert!((share(0) - 8.0 / 11.0).abs() < 0.06 && (share(3) - (8.0 / 11.0f64).powi(4)).abs() < 0.06, "{waits:?}");
    assert!(waits[29] < 5 && there[29] > 990, "nobody waits for good: {waits:?} {there:?}");
    let (waits, _) = waiting("from,to,mode,km,hours,fee_usd\na,near,road,50,1,50\n");
    assert_eq!(waits[29], 1000, "there is no way that they can pay for");
}

#[test]
fn only_boats_to_another_country_carry_the_deaths_of_the_sea() {
    let dead = |to: &str| {
        let routes = format!("from,to,mode,km,hours,risk,access\na,{to},sea,20,2,0.5,free\n");
        let world = world(
            5,
            "[choice]\nhorizon = 1\n[travel]\nmove_chance_town = 1\n[risk]\nsea_death = 1\nway_death = 0\nway_detention = 0\n",
            &[
                (
                    "locations.csv",
                    "id,country,kind,lat,lon\na,AAA,town,0,0\nisle,AAA,camp,0,0.1\nabroad,BBB,camp,0,0.2\n",
                ),
                ("routes.csv", &routes),
                ("groups.csv", "id,aim,party_size\nG,safety,1\n"),
                ("populations.csv", "group,place,persons,state\nG,a,100,displaced\n"),
            ],
        );
        let outcome = Outcome::of_run(&world, 1, 0, |_| ());
        outcome.days.last().expect("5 days").in_state(0, State::Dead)
    };
    assert_eq!((dead("isle"), dead("abroad")), (0, 100));
}

#[test]
fn occupancy_follows_the_markov_chain() {
    // Three towns in a ring; each leg takes two days of travel; a daily chance of going on; the nearer neighbour is likelier.
    let locations = "id,country,kind,lat,lon,move_chance,residents\na,AAA,town,0,0,0.5,1\nb,AAA,town,0,1,0.2,0\nc,AAA,town,0,2,0.1,0\n";
    let routes = "from,to,mode,km,hours\na,b,road,100,24\nb,c,road,200,24\nc,a,road,300,24\n";
    let world = world(
        40,
        "[choice]\nhorizon = 1\n[travel]\nhours_per_day = 12\n",
        &[
            ("locations.csv", locations),
            ("routes.csv", routes),
            ("groups.csv", "id,aim,party_size\nG,safety,1\n"),
            ("populations.csv", "group,place,persons,state\nG,a,20000,displaced\n"),
        ],
    );
    let p = &world.parameters.choice;
    let km = [[0.0, 100.0, 300.0], [100.0, 0.0, 200.0], [300.0, 200.0, 0.0]];
    let chance = [0.5, 0.2, 0.1];
    // Day by day, exactly: whoever was there yesterday tries to go on; whoever set out yesterday arrives, too late to go on.
    let mut at = [1.0, 0.0, 0.0];
    let mut way = [0.0; 3];
    let mut z_sum = 0.0;
    let mut worst: f64 = 0.0;
    let outcome = Outcome::of_run(&world, 7, 0, |_| ());
    let people = 20_000.0;
    for counts in &outcome.days {
        let mut sets_out = [0.0; 3];
        for i in 0..3 {
            let weight = |j: usize| if i == j { 0.0 } else { 1.0 / (p.distance_offset + km[i][j]) };
            let total: f64 = (0..3).map(weight).sum();
            for (j, sets_out) in sets_out.iter_mut().enumerate() {
                *sets_out += at[i] * chance[i] * weight(j) / total;
            }
        }
        for (i, at) in at.iter_mut().enumerate() {
            *at = *at * (1.0 - chance[i]) + way[i];
        }
        way = sets_out;
        for (i, at) in at.iter().enumerate() {
            let (mean, sd) = (people * at, (people * at * (1.0 - at)).sqrt().max(1.0));
            let z = (f64::from(counts.present_at(i)) - mean) / sd;
            z_sum += z * z;
            worst = worst.max(z.abs());
        }
    }
    let mean_square = z_sum / (3.0 * outcome.days.len() as f64);
    assert!(worst < 5.0 && mean_square < 2.5, "worst z {worst:.1}, mean square {mean_square:.2}");
}

const NO_HARM: &str = "[risk]\nviolence = 0\ndetention = 0\nexploitation = 0\nrobbery = 0\ndeath = 0\nillness = 0\nway_death = 0\n\
                       way_detention = 0\nway_robbery = 0\n";

#[test]
fn those_who_can_go_back_hear_of_it_on_any_day() {
    for last in ["2030-01-10", "2030-01-11"] {
        let world = world(
            60,
            &format!("{NO_HARM}[departure]\nhazard = 5\n[choice]\nnews_days = 2\n"),
            &[
                ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,town,0,0\naway,AAA,town,0,1\n"),
                ("routes.csv", "from,to,mode,km,hours,two_way\nhere,away,road,50,2,1\n"),
                ("groups.csv", "id,aim,party_size,info_date,info_width_days\nG,safety,1,2029-01-01,1\n"),
                ("populations.csv", "group,place,persons\nG,here,1000\n"),
                (
                    "shocks.csv",
                    &format!("place,kind,start,plateau_until,intensity\nhere,sudden_hazard,2030-01-03,{last},1\n"),
                ),
            ],
        );
        let outcome = Outcome::of_run(&world, 1, 0, |_| ());
        let home = outcome.days[59].in_state(0, State::Arrived);
        assert!(home > 900, "danger until {last}: {home} of {:?} are home", left(&outcome).last());
    }
}

#[test]
fn who_begins_to_wait_long_after_coming_is_exposed_as_well() {
    let world = world(
        40,
        "[departure]\nhazard = 0\n[risk]\nillness = 200\ndeath = 0\n",
        &[
            ("locations.csv", "id,country,kind,lat,lon\nhere,AAA,town,0,0\naway,AAA,town,0,1\n"),
            ("routes.csv", "from,to,mode,km,hours,two_way\nhere,away,road,50,2,1\n"),
            ("groups.csv", "id,aim,party_size\nG,safety,1\n"),
            ("populations.csv", "group,place,persons,state\nG,away,1000,displaced\nG,here,1,settled\n"),
            (
                "shocks.csv",
                "place,kind,start,intensity\nhere,sudden_hazard,2030-01-01,1\naway,sudden_hazard,2030-01-31,1\n",
            ),
        ],
    );
    let outcome = Outcome::of_run(&world, 1, 0, |_| ());
    let harmed =
        |days: &[corridor::engine::Counts]| -> u32 { days.iter().map(|c| c.incidents_of.iter().sum::<u32>()).sum() };
    assert_eq!(outcome.days[35].waiting[1], 1000, "the refuge is none any more, and there is no other");
    assert!(harmed(&outcome.days[31..]) > 500, "{} incidents", harmed(&outcome.days[31..]));
}

#[test]
fn camps_fill_for_those_who_weigh_whole_journeys() {
    let world = world(
        40,
        &format!("{NO_HARM}[departure]\nbase = 0.1\n"),
        &[
            (
                "locations.csv",
                "id,country,kind,lat,lon,capacity\nhere,AAA,town,0,0,\nsmall,AAA,camp,0,1,200\nlarge,AAA,camp,1,0,20000\n",
            ),
            ("routes.csv", "from,to,mode,km,hours\nhere,small,road,50,2\nhere,large,road,50,2\n"),
            ("groups.csv", "id,aim,party_size,info_date,info_width_days\nG,safety,1,2029-01-01,1\n"),
            ("populations.csv", "group,place,persons\nG,here,10000\n"),
            ("shocks.csv", "place,kind,start,intensity\nhere,conflict,2030-01-01,1\n"),
        ],
    );
    let outcome = Outcome::of_run(&world, 1, 0, |_| ());
    let [small, large] = [1, 2].map(|place| outcome.days[39].present_at(place));
    // On one morning there is room for all who come: no more than those of a day or two are too many.
    assert!(small < 1500 && large > 7000, "{small} in the small camp, {large} in the large one");
}

/// Persons who took each of two equal ways home, the first of them limited to a million a day if `limit` says so, with such a `fee`.
fn two_ways(limit: bool, fee: u32) -> [u32; 2] {
    let limit = if limit { "1000000" } else { "" };
    let routes = format!(
        "from,to,mode,km,hours,fee_usd,persons_per_day\nhere,left,road,50,2,{fee},{limit}\nhere,right,road,50,2,0,\n\
         left,goal,road,50,2,0,\nright,goal,road,50,2,0,\n"
    );
    let world = world(
        10,
        &format!("{NO_HARM}[departure]\nbase = 1\n"),
        &[
            (
                "locations.csv",
                "id,country,kind,lat,lon\nhere,AAA,crossing,0,0\nleft,BBB,town,0,1\nright,BBB,town,1,0\ngoal,CCC,hub,1,1\n",
            ),
            ("routes.csv", &routes),
            (
                "groups.csv",
                "id,aim,home,party_size,documents,info_date,info_width_days,money_usd,money_spread\nG,home,goal,1,1,2029-01-01,1,100,1\n",
            ),
            ("populations.csv", "group,place,persons\nG,here,10000\n"),
        ],
    );
    let outcome = Outcome::of_run(&world, 1, 0, |_| ());
    [1, 2].map(|to| {
        let link = world.links.iter().position(|l| (l.from, l.to) == (0, to)).expect("a link");
        outcome.days.iter().map(|day| day.entered[link]).sum()
    })
}

#[test]
fn a_limit_that_binds_nobody_changes_no_choice() {
    let [left, right] = two_ways(true, 0);
    let apart = f64::from(left) - f64::from(right);
    assert!(apart.abs() < 4.5 * f64::from(left + right).sqrt(), "{left} {right}");
    // A dear way is as dear with a limit, and nobody passes who cannot pay.
    let (free, limited) = (two_ways(false, 60), two_ways(true, 60));
    assert!(f64::from(limited[0]) < 1.2 * f64::from(free[0]) + 50.0, "{limited:?}, {free:?} without a limit");
    assert_eq!((two_ways(false, 500)[0], two_ways(true, 500)[0]), (0, 0));
}

#[test]
fn who_is_turned_back_nearly_always_has_no_feasible_way() {
    let stranded = |share: f64| -> u32 {
        let world = world(
            20,
            NO_HARM,
            &[
                (
                    "locations.csv",
                    "id,country,kind,lat,lon\nhere,AAA,town,0,0\npost,BBB,crossing,0,1\ngoal,CCC,hub,0,5\n",
                ),
                ("routes.csv", "from,to,mode,km,hours\nhere,post,road,10,1\npost,goal,road,10,1\n"),
                ("groups.csv", "id,aim,home,party_size,documents\nG,home,goal,1,1\n"),
                ("populations.csv", "group,place,persons,state\nG,post,1000,displaced\nG,here,1,settled\n"),
                ("policies.csv", &format!("rule,from,to,groups,share\nrefuse,post,goal,all,{share}\n")),
                ("shocks.csv", "place,kind,start,intensity\nhere,conflict,2030-01-01,0.5\n"),
            ],
        );
        Outcome::of_run(&world, 1, 0, |_| ()).days[19].stranded.iter().sum()
    };
    assert!(stranded(0.999) > 900, "{}", stranded(0.999));
    assert_eq!(stranded(0.3), 0, "most of them pass within a day or two");
}

#[test]
fn seats_inside_the_country_call_nobody_out() {
    let called = |to: &str| -> u32 {
        let world = world_under(
            "s",
            20,
            NO_HARM,
            &[
                (
                    "locations.csv",
                    "id,country,kind,lat,lon\nhere,AAA,town,0,0\nthere,AAA,town,0,1\nabroad,BBB,airport,0,4\ngoal,CCC,hub,0,5\n",
                ),
                ("routes.csv", "from,to,mode,km,hours\nhere,there,road,10,1\nabroad,goal,air,500,2\n"),
                ("groups.csv", "id,aim,home,party_size,documents,supported,info_date\nG,home,goal,1,1,1,2031-01-01\n"),
                ("populations.csv", "group,place,persons\nG,here,1000\n"),
                ("shocks.csv", "place,kind,start,intensity\nhere,conflict,2030-01-01,0.5\n"),
                ("strategies/s.toml", "services = [\"seats.csv\"]\n"),
                ("strategies/seats.csv", &format!("from,to,mode,persons_per_day\nhere,{to},road,100\n")),
            ],
        );
        left(&Outcome::of_run(&world, 1, 0, |_| ())).last().copied().unwrap_or(0)
    };
    assert_eq!(called("there"), 0);
    assert!(called("abroad") > 500, "{}", called("abroad"));
}
