# A small Sidekiq app for the tests. Loaded by `sidekiq -r`, and run by itself as `ruby sidekiq-app.rb fill|tell`.
require 'json'
require 'sidekiq'
require 'sidekiq/api'

class Ok
  include Sidekiq::Worker
  def perform(*); end
end

class Mail
  include Sidekiq::Worker
  sidekiq_options queue: 'mailers', retry: 5
  def perform(*) = raise(ArgumentError, 'refused by the test')
end

class Dies
  include Sidekiq::Worker
  sidekiq_options queue: 'low', retry: 0
  def perform(*) = raise('fatal')
end

class Slow
  include Sidekiq::Worker
  sidekiq_options queue: 'low'
  def perform(*) = sleep(120)
end

case ARGV[0]
when 'fill'
  2.times { Mail.perform_async('a@x') }
  3.times { Dies.perform_async(1) }
  4.times { |n| Ok.perform_in(3600, n) }
  Slow.perform_in(7200, 1)
  2.times { Slow.perform_async(1) }
  # Nobody takes from this queue, and the arguments try to look like fields.
  5.times { |n| Sidekiq::Client.push('class' => 'Ok', 'queue' => 'unserved', 'args' => [{ 'queue' => 'evil', 'enqueued_at' => n }]) }
when 'tell'
  by_queue = ->(set) { set.map(&:queue).tally }
  puts JSON.generate(
    queues: Sidekiq::Queue.all.map { |queue| [queue.name, { size: queue.size, latency: queue.latency }] }.to_h,
    retry: by_queue.(Sidekiq::RetrySet.new),
    dead: by_queue.(Sidekiq::DeadSet.new),
    schedule: by_queue.(Sidekiq::ScheduledSet.new),
    busy: Sidekiq::Workers.new.map { |_, _, work| work['queue'] }.tally,
    processes: Sidekiq::ProcessSet.new(false).map { |process| process['identity'] },
  )
end
