/**
 * Classes of cases as they come up in a county, their codes those of the catalogue that the repository has
 * (services/grid-events/data/samples/event_types.csv). How often each comes up, and where it ends, is invented.
 */

export interface CaseClass {
  code: string;
  /** How often, beside the others. */
  weight: number;
  /** Months in which it comes up three times as often. */
  season: readonly number[];
  /** Department that a list names; null: the towns themselves; undefined: no list carries the class. */
  lead?: string | null;
  cooperators: readonly string[];
  /** Share of reports that a grid worker cannot end at once. */
  hard: number;
  what: string;
}

const c = (
  code: string,
  weight: number,
  [lead, ...cooperators]: (string | null)[],
  hard: number,
  what: string,
  season: readonly number[] = [],
): CaseClass => ({
  ...{ code, weight, season, hard, what },
  ...(lead === undefined ? {} : { lead }),
  cooperators: cooperators.flatMap((one) => one ?? []),
});

const SPRING = [3, 4, 5];
const SUMMER = [6, 7, 8];
const AUTUMN = [9, 10];
const WINTER = [12, 1, 2];

// biome-ignore format: a table is read by its columns.
export const CLASSES: readonly CaseClass[] = [
  c('市容环境.暴露垃圾', 14, [null], 0.1, '路边垃圾成堆'),
  c('市容环境.道路保洁', 10, [null], 0.08, '路面脏乱'),
  c('市容环境.私搭乱建', 2, ['综合行政执法局', '自然资源局'], 0.7, '院外搭建棚房'),
  c('市容环境.建筑垃圾-渣土', 3, ['综合行政执法局', '住房和城乡建设局'], 0.4, '渣土倾倒在路边', SPRING),
  c('市容环境.绿地养护', 3, ['园林和林业绿化局'], 0.3, '绿化带树木枯死', SPRING),
  c('店外经营', 7, [null, '综合行政执法局'], 0.15, '店铺占道经营'),
  c('机动车乱停放', 9, [null, '公安局'], 0.15, '车辆停在人行道上'),
  c('乱堆物堆料', 8, [null], 0.1, '楼道、巷口堆放杂物'),
  c('路灯杆街边建筑乱张贴', 6, [null], 0.05, '墙面张贴小广告'),
  c('露天烧烤', 3, ['综合行政执法局', '生态环境局'], 0.3, '夜间露天烧烤', SUMMER),
  c('油烟污染', 2, ['生态环境局', '综合行政执法局'], 0.5, '餐饮油烟扰民', SUMMER),
  c('工地施工扬尘', 3, ['住房和城乡建设局', '生态环境局'], 0.5, '工地未湿法作业', SPRING),
  c('施工噪音', 3, ['综合行政执法局', '住房和城乡建设局'], 0.4, '夜间施工'),
  c('河道污染', 2, ['水务局', '生态环境局'], 0.5, '河面漂浮垃圾、水体发黑', SUMMER),
  c('生活污水乱排放', 3, ['水务局'], 0.35, '污水外溢'),
  c('下水道堵塞或破损', 4, ['住房和城乡建设局'], 0.35, '井口冒水', SUMMER),
  c('道路破损', 4, ['交通运输局', '住房和城乡建设局'], 0.4, '路面坑洼'),
  c('消防通道堵塞', 5, ['消防救援大队', '公安局'], 0.2, '消防通道停车', WINTER),
  c('电动车存放消防安全隐患', 5, ['消防救援大队'], 0.15, '电动车进楼充电'),
  c('未经批准燃放烟花爆竹', 2, ['公安局'], 0.2, '禁放区内燃放', WINTER),
  c('邻里纠纷', 6, [null, '司法局'], 0.2, '邻里因噪声、用地争执'),
  c('劳动者劳动报酬纠纷', 2, ['人力资源和社会保障局', '司法局'], 0.7, '拖欠工资', WINTER),
  c('消费者权益纠纷', 2, ['市场监督管理局'], 0.6, '消费争议'),
  c('食药监问题', 2, ['市场监督管理局', '卫生健康局'], 0.5, '食品过期'),
  c('动植物防疫', 1, ['农业农村局'], 0.5, '发现病死畜禽', AUTUMN),
  c('危房安全隐患', 1, ['住房和城乡建设局', '应急管理局'], 0.7, '墙体开裂', SUMMER),
  c('宠物扰民', 4, [null, '公安局'], 0.15, '犬只未牵绳'),
  c('架空线缆损坏', 2, [], 0.4, '线缆垂落，权属不明'),
  c('无主井盖', 1, [], 0.4, '井盖缺失，权属不明'),
];

/** Departments that lists name. */
export const DEPARTMENTS: readonly string[] = [
  ...new Set(CLASSES.flatMap(({ lead, cooperators }) => [...(lead ? [lead] : []), ...cooperators])),
];

/** How often the class comes up in a month, 1 to 12. */
export const weightIn = ({ weight, season }: CaseClass, month: number): number =>
  season.includes(month) ? weight * 3 : weight;
