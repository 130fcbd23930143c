import { Registry } from '@radiantearth/stac-fields';

const STATES = {
  orderable: 'Not ordered yet',
  ordered: 'Ordered, not begun',
  pending: 'Waiting at the service',
  shipping: 'In processing',
  succeeded: 'Delivered',
  failed: 'Failed',
  canceled: 'Canceled'
};

// One line per bit: which, what it is called, what it means.
Registry.addMetadataField('classification:bitfields', {
  label: 'Bits',
  summary: false,
  items: {
    offset: { label: 'Bit', explain: 'Counted from 0, the lowest', sortable: true, order: 0 },
    name: { label: 'Name', sortable: true, order: 1 },
    description: { label: 'When it is set', order: 2 },
    length: { label: 'Length', order: 3 },
    roles: { label: 'Purpose', order: 4 },
    classes: { label: 'Values', order: 5 }
  }
});

Registry.addExtension('order', 'Order of MAJA processing');
Registry.addMetadataFields({
  'order:status': { label: 'State', mapping: STATES },
  'order:id': { label: 'Order', explain: 'Identifier of the job at the service' },
  'order:date': { label: 'Ordered', format: 'Timestamp', summary: 'r' }
});

Registry.addExtension('peps', { label: 'PEPS', explain: 'What the service said of the order' });
Registry.addMetadataFields({
  'peps:process': { label: 'Process', mapping: { MAJA: 'MAJA, one product', FULL_MAJA: 'FULL_MAJA, a series of one tile' } },
  'peps:inputs': 'Inputs',
  'peps:submission': { label: 'Submission', explain: 'Identifier that the client gave to the request', summary: false },
  'peps:attempt': { label: 'Attempt', explain: 'How often the scene was ordered' },
  'peps:job_status': { label: 'In the service\'s word', summary: false },
  'peps:progress': { label: 'Progress', unit: '%' },
  'peps:message': 'Message of the service',
  'peps:reason': {
    label: 'Why there is no product',
    mapping: {
      too_cloudy: 'Too cloudy: MAJA makes none',
      unprocessed: 'Missing from the results; may be ordered again',
      expired: 'Gone from the service before it was fetched; may be ordered again'
    }
  },
  'peps:kept': { label: 'Days wanted', summary: false },
  'peps:waiting': { label: 'Planned, not sent yet', summary: false },
  'peps:online': { label: 'At hand', mapping: { true: 'Yes', false: 'On tape' } },
  'peps:history': {
    label: 'History',
    summary: false,
    items: {
      time: { label: 'Seen', format: 'Timestamp', order: 0 },
      status: { label: 'State', mapping: STATES, order: 1 },
      word: { label: 'In the service\'s word', order: 2 },
      source: { label: 'Document', order: 3 },
      job: { label: 'Order', order: 4 }
    }
  }
});

Registry.addExtension('maja', { label: 'MAJA', explain: 'What the processor says of the product' });
Registry.addMetadataFields({
  'maja:processing_mode': {
    label: 'Mode',
    mapping: {
      INIT_MODE: 'Initial (no product before it)',
      STANDARD_MODE: 'Standard (after a product before it)',
      BACKWARD_MODE: 'Backward (from later products)'
    }
  },
  'maja:validity': { label: 'Validity', mapping: { L2VALD: 'Valid', L2NOTV: 'Too cloudy to be issued' } },
  'maja:cams': { label: 'Aerosols of CAMS', explain: 'How data of the Copernicus Atmosphere Monitoring Service were used' },
  'maja:profile': { label: 'Metadata profile', summary: false },
  'maja:l1c_name': { label: 'L1C input', summary: false },
  'maja:datatake_start': { label: 'Start of the datatake', format: 'Timestamp', summary: false },
  'maja:assets': {
    label: 'Form of the files',
    mapping: { cog: 'Cloud-optimized GeoTIFF', raw: 'As delivered', zip: 'Inside the archive' }
  },
  'maja:left_out': { label: 'Files left out', summary: false }
});
