import { createMetricRegistry } from './metrics.ts';

it('writes the text format of Prometheus', () => {
  const metrics = createMetricRegistry({ service: 'a"b\\c\nd' });
  metrics.counter({ name: 'x_total', help: 'Back\\slash\nline.' }).add();
  metrics.counter({ name: 'x_total', help: 'Again.', labels: { kind: 'k' } }).add(4);
  const gauge = metrics.gauge({ name: 'y', help: 'Y.' });
  gauge.set(5);
  gauge.add(-2);
  const sizes = metrics.histogram({ name: 'z', help: 'Z.', buckets: [1, 10] });
  for (const value of [1, 1.5, 10, 11]) sizes.observe(value);
  const service = 'service="a\\"b\\\\c\\nd"';
  expect(metrics.render().split('\n')).toEqual([
    '# HELP x_total Back\\\\slash\\nline.',
    '# TYPE x_total counter',
    `x_total{${service}} 1`,
    `x_total{${service},kind="k"} 4`,
    '# HELP y Y.',
    '# TYPE y gauge',
    `y{${service}} 3`,
    '# HELP z Z.',
    '# TYPE z histogram',
    `z_bucket{${service},le="1"} 1`,
    `z_bucket{${service},le="10"} 3`,
    `z_bucket{${service},le="+Inf"} 4`,
    `z_sum{${service}} 23.5`,
    `z_count{${service}} 4`,
    '',
  ]);
});

it('gives the same metric for the same name and labels, and refuses another kind of it', () => {
  const metrics = createMetricRegistry({ service: 's' });
  metrics.counter({ name: 'x', help: 'X.' }).add();
  metrics.counter({ name: 'x', help: 'X.' }).add();
  expect(metrics.render()).toContain('x{service="s"} 2');
  expect(() => metrics.gauge({ name: 'x', help: 'X.' })).toThrow('x is a counter already');
});
