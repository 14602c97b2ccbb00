export { distributionChart } from './distribution-chart.js';
export { heatMapChart, heatMapHeight } from './heat-map-chart.js';
export {
  type Line,
  type LineBound,
  lineChart,
  type LineChartOptions,
  lineColor,
  type LinePoint,
} from './line-chart.js';
export type { ChartFrame } from './render-chart.js';
