// Saves after the job's steps, unless the key itself was restored.
require('child_process').execFileSync('python3', [`${process.env.HUB_ACTIONS}/cache/cache.py`, 'save'], { stdio: 'inherit' });
