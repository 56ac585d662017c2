// Restores now.
require('child_process').execFileSync('python3', [`${process.env.HUB_ACTIONS}/cache/cache.py`, 'restore'], { stdio: 'inherit' });
