import type { OrganFacts } from '../duty-list/organ-facts.ts';

/** The organ register of a typical county (章丘区), for tests: departments, classes, two towns and a village. */
export const COUNTY = '370114000000';
export const TOWN = '370114101000';

const organ = (id: string, name: string, more: Partial<OrganFacts> = {}): OrganFacts => ({
  id,
  name,
  shortName: null,
  aliases: [],
  kind: 'DEPARTMENT',
  level: 'county',
  division: COUNTY,
  status: 'active',
  successors: [],
  ...more,
});

const departments = [
  '济南市章丘区公安局',
  '济南市章丘区民政局',
  '济南市章丘区司法局',
  '济南市章丘区财政局',
  '济南市章丘区人力资源和社会保障局',
  '济南市章丘区自然资源局',
  '济南市生态环境局章丘分局',
  '济南市章丘区住房和城乡建设局',
  '济南市章丘区交通运输局',
  '济南市章丘区城乡水务局',
  '济南市章丘区农业农村局',
  '济南市章丘区林业局',
  '济南市章丘区商务局',
  '济南市章丘区文化和旅游局',
  '济南市章丘区卫生健康局',
  '济南市章丘区应急管理局',
  '济南市章丘区市场监督管理局',
  '济南市章丘区综合行政执法局',
  '济南市章丘区医疗保障局',
  '济南市章丘区发展和改革局',
  '济南市章丘区工业和信息化局',
  '济南市章丘区教育和体育局',
  '济南市章丘区地方金融监督管理局',
  '济南市章丘区消防救援大队',
  '章丘经济技术开发区管理委员会',
];

const classOf = (id: string, name: string, level: OrganFacts['level'], aliases: string[] = []) =>
  organ(id, name, { kind: 'ORGAN_CLASS', level, aliases });

export const REGISTER: OrganFacts[] = [
  ...departments.map((name, i) => organ(`organ:zq-${i + 1}`, name)),
  organ('organ:zq-gov', '济南市章丘区人民政府', { kind: 'GOVERNMENT', shortName: '区政府' }),
  organ('organ:zq-arb', '章丘区农村土地承包仲裁委员会', {
    kind: 'INSTITUTION',
    aliases: ['农村土地承包仲裁机构'],
  }),
  classOf('organ:towns', '各镇街', 'town', ['镇人民政府、街道办事处']),
  classOf('organ:villages', '村(居)民委员会', 'village', ['村居']),
  classOf('organ:departments', '区直有关部门', 'county'),
  classOf('organ:police-stations', '公安派出所', 'town'),
  organ('organ:diaozhen', '济南市章丘区刁镇街道办事处', {
    kind: 'TOWN_GOVERNMENT',
    level: 'town',
    division: '370114013000',
  }),
  organ('organ:duozhuang', '济南市章丘区垛庄镇人民政府', {
    kind: 'TOWN_GOVERNMENT',
    level: 'town',
    division: TOWN,
  }),
  organ('organ:office', '垛庄镇综合行政执法办公室', { kind: 'TOWN_BODY', level: 'town', division: TOWN }),
];
