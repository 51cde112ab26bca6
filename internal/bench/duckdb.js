// The question about delay that byEncodingCSV answers, asked of DuckDB: delays of
// each connector, deferrals, and the lag at which departures are most like
// themselves. Arguments: a message tracking log of 30 columns.
const { DuckDBInstance } = require('@duckdb/node-api');

const columns = Array.from({ length: 30 }, (_, i) => `'c${i}':'VARCHAR'`).join(',');
const rows = file => `read_csv('${file}', delim=',', quote='"', escape='"', header=false, auto_detect=false, ignore_errors=true, comment='#', columns={${columns}})`;

const questions = [
  `with came as (select h, min(ms) as first from k where ev = 'RECEIVE' group by h),
    gone as (select * from k where ev in ('SEND', 'DELIVER', 'SENDEXTERNAL'))
   select con, count(*) as n, quantile_disc(ms - first, [0.5, 0.95, 0.99]) as waits from gone join came using (h) group by con`,
  `with minutes as (select con, ms // 60000 as at, count(*) as n from k where ev in ('SEND', 'DELIVER', 'SENDEXTERNAL') group by all),
    later as (select con, at + lag as at, lag, n from minutes, (select unnest(range(2, 181)) as lag)),
    alike as (select later.con, lag, corr(later.n, m.n) as r from later join minutes m on m.con = later.con and m.at = later.at group by all)
   select con, arg_max(lag, r) as lag, max(r) as r from alike group by con`,
  `select count(*) as deferred from k where ev = 'DEFER'`,
];

async function main(file) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const c = await instance.connect();
  await c.run(`create temp table k as select epoch_ms(cast(replace(c0, 'Z', '') as timestamp)) as ms, c8 as ev, c6 as con,
    hash(c10, case when c8 = 'RECEIVE' then c4 else c2 end) as h from ${rows(file)} where c8 in ('RECEIVE', 'SEND', 'DELIVER', 'SENDEXTERNAL', 'DEFER')`);
  for (const q of questions) {
    const answer = await c.runAndReadAll(q);
    console.log(JSON.stringify(answer.getRows(), (_, v) => typeof v === 'bigint' ? Number(v) : v));
  }
}

main(process.argv[2]);
