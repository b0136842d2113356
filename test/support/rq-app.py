"""A small RQ app for the tests: `python3 rq-app.py` enqueues, works in bursts and tells what came of it."""
import json
import os
from datetime import timedelta

from redis import Redis
from rq import Queue, Retry, SimpleWorker
from rq.registry import FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry

connection = Redis.from_url(os.environ['REDIS_URL'])
high, low = Queue('high', connection=connection), Queue('low', connection=connection)
lows = [low.enqueue('operator.mul', n, 2) for n in range(10)]
highs = [high.enqueue('operator.add', n, 1) for n in range(5)]
after = low.enqueue('operator.neg', 7, depends_on=lows[0])
failed = low.enqueue('operator.truediv', 1, 0, retry=Retry(max=1))
later = low.enqueue_in(timedelta(hours=1), 'operator.neg', 1)
worker = SimpleWorker([high, low], connection=connection)
worker.work(burst=True, logging_level='ERROR')
print(json.dumps({
    'highs': [job.result for job in highs],
    'lows': [job.result for job in lows],
    'after': after.result,
    'failed': failed.get_status(refresh=True),
    'later': later.get_status(refresh=True),
    'finished': FinishedJobRegistry(queue=low).count,
    'failures': FailedJobRegistry(queue=low).count,
    'scheduled': ScheduledJobRegistry(queue=low).count,
    'left': len(low) + len(high),
}))
