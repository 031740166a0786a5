/**
 * Forty penalty powers of city management and neighbouring fields, with the statutes they rest on (城市市容和环境卫生管理条例
 * and others, as published). Sample powers for tests: which towns hold them is made up.
 */
export const PENALTY_POWERS = [
  {
    name: '对随地吐痰便溺、乱扔果皮纸屑烟头等废弃物的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(一)',
    },
  },
  {
    name: '对在建筑物设施树木涂写刻画或擅自张挂张贴的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(二)',
    },
  },
  {
    name: '对临街阳台窗外堆放吊挂有碍市容物品的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(三)',
    },
  },
  {
    name: '对不按规定时间地点方式倾倒垃圾粪便的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(四)',
    },
  },
  {
    name: '对不履行卫生责任区清扫保洁义务的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(五)',
    },
  },
  {
    name: '对运输液体散装货物泄漏遗撒的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(六)',
    },
  },
  {
    name: '对临街工地不设护栏遮挡等的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十四条(七)',
    },
  },
  {
    name: '对饲养家畜家禽影响市容环境卫生的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十五条',
    },
  },
  {
    name: '对擅自设置大型户外广告影响市容的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十六条(一)',
    },
  },
  {
    name: '对擅自在街道两侧和公共场地堆放物料、搭建影响市容的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十六条(二)',
    },
  },
  {
    name: '对擅自拆除环境卫生设施的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十六条(三)',
    },
  },
  {
    name: '对不符合容貌卫生标准建筑物设施逾期不改造拆除的处罚',
    field: '市容环卫',
    basis: {
      title: '城市市容和环境卫生管理条例(2017)',
      article: '第三十七条',
    },
  },
  {
    name: '对临街阳台门窗外堆放吊挂晾晒的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第五十九条(一)',
    },
  },
  {
    name: '对道路两侧拉绳晾晒、拉挂条幅的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第五十九条(二)',
    },
  },
  {
    name: '对建(构)筑物设施树木涂写刻画的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十条(一)',
    },
  },
  {
    name: '对违规安装太阳能板空调外机防盗网的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十条(二)',
    },
  },
  {
    name: '对建筑物顶部乱搭乱放的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十条(三)',
    },
  },
  {
    name: '对利用阳台门窗发布信息的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十条(四)',
    },
  },
  {
    name: '对封闭临街阳台超出外沿的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十条(五)',
    },
  },
  {
    name: '对景观照明残缺未修复的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十条(六)',
    },
  },
  {
    name: '对擅自占用道路两侧公共场地堆物搭建的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十一条(一)',
    },
  },
  {
    name: '对临时摊点活动未及时清理垃圾的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十一条(二)',
    },
  },
  {
    name: '对临街业户店外经营的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十一条(三)',
    },
  },
  {
    name: '对牌匾标识不符合容貌标准的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十一条(四)',
    },
  },
  {
    name: '对外立面张贴吊挂宣传品的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十一条(五)',
    },
  },
  {
    name: '对擅自利用道路附属设施桥梁张贴悬挂的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十一条(六)',
    },
  },
  {
    name: '对道路养护挖掘工地未设隔离的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十二条(一)',
    },
  },
  {
    name: '对施工损坏道路设施未按时修复的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十二条(二)',
    },
  },
  {
    name: '对擅自外部装修、变更临街门窗的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十三条(一)',
    },
  },
  {
    name: '对临街工地不设围挡等的处罚',
    field: '市容环卫',
    basis: {
      title: '济南市城市市容管理条例(2015)',
      article: '第六十三条(二)',
    },
  },
  {
    name: '对露天焚烧秸秆或禁区内焚烧树枝落叶的处罚',
    field: '生态环境',
    basis: {
      title: '山东省大气污染防治条例(2018)',
      article: '第七十八条',
    },
  },
  {
    name: '对餐饮业未按规定安装使用油烟净化设施的处罚',
    field: '生态环境',
    basis: {
      title: '山东省大气污染防治条例(2018)',
      article: '第七十九条',
    },
  },
  {
    name: '对禁止区域内露天烧烤的处罚',
    field: '生态环境',
    basis: {
      title: '山东省大气污染防治条例(2018)',
      article: '第八十条',
    },
  },
  {
    name: '对施工工地未采取扬尘防治措施的处罚',
    field: '生态环境',
    basis: {
      title: '大气污染防治法(2018)',
      article: '第一百一十五条',
    },
  },
  {
    name: '对运输散装流体物料遗撒的处罚',
    field: '生态环境',
    basis: {
      title: '大气污染防治法(2018)',
      article: '第一百一十六条',
    },
  },
  {
    name: '对易扬尘物料未密闭围挡覆盖的处罚',
    field: '生态环境',
    basis: {
      title: '大气污染防治法(2018)',
      article: '第一百一十七条',
    },
  },
  {
    name: '对焚烧沥青橡胶塑料皮革垃圾等的处罚',
    field: '生态环境',
    basis: {
      title: '大气污染防治法(2018)',
      article: '第一百一十九条第二款',
    },
  },
  {
    name: '对干洗、机动车维修未设异味废气处理装置的处罚',
    field: '生态环境',
    basis: {
      title: '大气污染防治法(2018)',
      article: '第一百二十条',
    },
  },
  {
    name: '对规模养殖畜禽粪污处置不当的处罚',
    field: '生态环境',
    basis: {
      title: '固体废物污染环境防治法(2020)',
      article: '第一百零七条',
    },
  },
  {
    name: '对随意倾倒抛撒堆放焚烧生活垃圾的处罚',
    field: '市容环卫',
    basis: {
      title: '固体废物污染环境防治法(2020)',
      article: '第一百一十一条(一)',
    },
  },
];
