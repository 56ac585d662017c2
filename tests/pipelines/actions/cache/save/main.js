// Saves now.
require('child_process').execFileSync('python3', [`${process.env.HUB_ACTIONS}/cache/cache.py`, 'save'], { stdio: 'inherit' });
