//! Delays requests to endpoints that limit them for each tenant, so that they are not refused. A refusal with `Retry-After`
//! is waited for in addition, by `retry`.

use std::future::Future;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use crate::base::clock::Stopwatch;

/// How many requests the reports of Microsoft Graph and its audit log take in one period, together: five in ten seconds for
/// each application and tenant (Microsoft Graph throttling limits, "Identity and access reports").
const TOKENS: u32 = 5;
/// The part of a period by which a token comes back later where the answer is slow, so that a request that took long to arrive
/// and one that did not are not in the same period.
const MARGIN: u32 = 64;

/// The limits of one tenant.
#[derive(Default)]
pub(crate) struct TenantRates {
    /// Requests about Conditional Access.
    pub(crate) access: RateLimiter,
    /// Requests about reports and the audit log.
    pub(crate) reports: TokenBucket,
}

/// A bucket of five tokens. Each request takes one, and it comes back one period later: five requests go out at once, and no
/// period sees more than five, wherever it begins.
pub(crate) struct TokenBucket {
    /// Lets those who wait go in the order in which they came.
    turn: Mutex<()>,
    began: Stopwatch,
    /// When each token is back, from the beginning.
    back: std::sync::Mutex<[Duration; TOKENS as usize]>,
}

impl Default for TokenBucket {
    fn default() -> Self {
        Self { turn: Mutex::default(), began: Stopwatch::start(), back: std::sync::Mutex::default() }
    }
}

impl TokenBucket {
    /// Runs `work` as soon as there is a token for it. In the long run one request is sent for each `pause`, so the period is
    /// five of them; with a pause of zero there is no limit.
    pub(crate) async fn run<T>(&self, pause: Duration, work: impl Future<Output = T>) -> T {
        let period = pause * TOKENS;
        if period.is_zero() {
            return work.await;
        }
        let turn = self.turn.lock().await;
        let (token, free) = self.next();
        sleep(free.saturating_sub(self.began.elapsed())).await;
        let latest = self.began.elapsed() + period / MARGIN;
        self.set(token, latest + period);
        drop(turn);
        let done = work.await;
        // The service counted the request before it answered.
        self.set(token, self.began.elapsed().min(latest) + period);
        done
    }

    /// How long it takes until the last of so many more requests is sent.
    pub(crate) fn time_for(&self, pause: Duration, requests: u64) -> Duration {
        let Some(last) = requests.checked_sub(1).filter(|_| !pause.is_zero()) else { return Duration::ZERO };
        let mut back = *self.back.lock().unwrap_or_else(PoisonError::into_inner);
        back.sort_unstable();
        let token = usize::try_from(last % u64::from(TOKENS)).unwrap_or_default();
        let first = back.get(token).copied().unwrap_or_default().saturating_sub(self.began.elapsed());
        let rounds = u32::try_from(last / u64::from(TOKENS)).unwrap_or(u32::MAX);
        (pause * TOKENS).saturating_mul(rounds).saturating_add(first)
    }

    /// The token that is back first, and when.
    fn next(&self) -> (usize, Duration) {
        let back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        back.iter().copied().enumerate().min_by_key(|(_, back)| *back).unwrap_or_default()
    }

    fn set(&self, token: usize, at: Duration) {
        let mut back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(back) = back.get_mut(token) {
            *back = at;
        }
    }
}

/// Sends requests one after another, each some time after the response to the one before. So they reach the service at
/// least that far apart, whatever the latency.
#[derive(Default)]
pub(crate) struct RateLimiter {
    turn: Mutex<Option<Interval>>,
}

impl RateLimiter {
    /// Runs `work` when it is its turn. With a pause of zero there is no limit.
    pub(crate) async fn run<T>(&self, pause: Duration, work: impl Future<Output = T>) -> T {
        if pause.is_zero() {
            return work.await;
        }
        let mut turn = self.turn.lock().await;
        let turn = turn.get_or_insert_with(|| {
            let mut turn = interval(pause);
            turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
            turn
        });
        turn.tick().await;
        let done = work.await;
        turn.reset();
        done
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Log;

    use futures::future::join_all;
    use tokio::time::sleep;

    use crate::client::rate_limit::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The clock is paused and advances only by sleeping, so the test takes no time.
    #[tokio::test(start_paused = true)]
    async fn requests_are_a_pause_apart_from_answer_to_request() {
        let (pace, began) = (RateLimiter::default(), interval(SECOND).tick().await);
        let log = Log::new(Vec::new());
        let request = |millis: u64| {
            let log = &log;
            pace.run(SECOND, async move {
                let from = began.elapsed();
                sleep(Duration::from_millis(millis)).await;
                if let Ok(mut log) = log.lock() {
                    log.push((from, began.elapsed()));
                }
            })
        };
        join_all([30, 0, 2_500, 10, 0].map(request)).await;
        // After a long rest nobody waits, and nothing has been saved up.
        sleep(SECOND * 60).await;
        let rested = began.elapsed();
        join_all([0, 0, 0].map(request)).await;
        let log = log.into_inner().unwrap_or_default();
        assert_eq!(log.len(), 8);
        assert_eq!(log.first().map(|(from, _)| *from), Some(Duration::ZERO), "the first one does not wait");
        assert!(log.get(5).is_some_and(|(from, _)| *from == rested), "{log:?}");
        let apart: Vec<_> = log.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].1)).collect();
        assert!(apart.iter().all(|gap| *gap >= SECOND), "{apart:?}");
    }

    /// When requests are sent that each take so many milliseconds, one after another, with two seconds for each.
    async fn sent(bucket: &TokenBucket, millis: impl IntoIterator<Item = u64>) -> Vec<u128> {
        let (began, mut sent) = (Stopwatch::start(), Vec::new());
        for millis in millis {
            let work = async { (began.elapsed().as_millis(), sleep(Duration::from_millis(millis)).await).0 };
            sent.push(bucket.run(2 * SECOND, work).await);
        }
        sent
    }

    #[tokio::test(start_paused = true)]
    async fn five_requests_go_out_at_once_and_no_ten_seconds_see_a_sixth() {
        let bucket = TokenBucket::default();
        let sent = sent(&bucket, [100, 100, 100, 100, 100, 100, 0, 3_000, 0, 0, 0, 0]).await;
        // A token is back ten seconds after an answer, or 10.156 seconds after the request where the answer is slow.
        let expected = [0, 100, 200, 300, 400, 10_100, 10_200, 10_301, 13_301, 13_301, 20_201, 20_201];
        assert!(sent.iter().zip(expected).all(|(sent, expected)| sent.abs_diff(expected) <= 3), "{sent:?}");
        for first in 0..sent.len() - 5 {
            assert!(sent[first + 5] - sent[first] >= 10_000, "{sent:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_a_long_report_take_what_the_budget_allows() {
        let bucket = TokenBucket::default();
        let (expected, began) = (bucket.time_for(2 * SECOND, 1_001), Stopwatch::start());
        assert_eq!(expected, SECOND * 2_000);
        sent(&bucket, [400; 1_000]).await;
        assert!(bucket.time_for(2 * SECOND, 1) > 8 * SECOND, "the burst is used up");
        sent(&bucket, [400]).await;
        assert!(began.elapsed().as_secs_f64() < 1.02 * expected.as_secs_f64(), "{:?}", began.elapsed());
        assert_eq!([bucket.time_for(Duration::ZERO, 9), bucket.time_for(SECOND, 0)], [Duration::ZERO; 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_pause_nobody_waits() {
        let (pace, began) = (RateLimiter::default(), interval(SECOND).tick().await);
        join_all([(); 3].map(|()| pace.run(Duration::ZERO, sleep(SECOND)))).await;
        let bucket = TokenBucket::default();
        join_all([(); 9].map(|()| bucket.run(Duration::ZERO, sleep(SECOND)))).await;
        assert_eq!(began.elapsed(), 2 * SECOND);
    }
}
