// Restores before the job's steps; post.js saves after them, as actions/cache does.
require('child_process').execFileSync('python3', [`${process.env.HUB_ACTIONS}/cache/cache.py`, 'restore'], { stdio: 'inherit' });
