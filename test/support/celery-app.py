"""A small Celery app for the tests: `python3 celery-app.py send` enqueues and waits for the answers, `... work` serves them."""
import json
import os
import sys
import time

from celery import Celery, chord

URL = os.environ['REDIS_URL']
app = Celery('shop', broker=URL, backend=URL)
app.conf.update(task_default_queue='shop', broker_transport_options={'visibility_timeout': 60}, worker_send_task_events=True)


@app.task(name='double')
def double(n):
    return n * 2


@app.task(name='total')
def total(numbers):
    return sum(numbers)


@app.task(name='flaky', bind=True, max_retries=3)
def flaky(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0.1)
    return self.request.retries


@app.task(name='fails')
def fails():
    raise ValueError('refused by the test')


def failure_of(result):
    try:
        return result.get(timeout=20)
    except ValueError as error:
        return str(error)


if sys.argv[1] == 'send':
    doubled = [double.delay(n) for n in range(20)]
    later = double.apply_async((21,), countdown=0.5)
    sum_of = chord(double.s(n) for n in range(5))(total.s())
    tried, failed = flaky.delay(), fails.delay()
    for priority in (0, 3, 9):
        double.apply_async((priority,), priority=priority)
    told = {
        'doubled': [one.get(timeout=20) for one in doubled],
        'later': later.get(timeout=20),
        'chord': sum_of.get(timeout=20),
        'retries': tried.get(timeout=20),
        'failed': failure_of(failed),
        'workers': len(app.control.inspect(timeout=2).ping() or {}),
    }
    print(json.dumps(told))
else:
    app.worker_main(['worker', '--pool', 'threads', '--concurrency', '2', '-Q', 'shop', '-l', 'WARNING'])
